"""What runs and guards the processes."""
