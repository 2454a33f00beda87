"""``/queue/``, for staff: who works on what, and what waits for what."""
