"""What every room of the engine shares: frozen values, errors, cancellation."""
