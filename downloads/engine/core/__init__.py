"""Values that all rooms of the engine share: frozen data, errors, cancellation."""
