"""The engine: URL to exact file. A library of its own that knows nothing of the platform."""
