"""``/queue/``, for staff: workers with their downloads, and waiting ones with the reason."""
