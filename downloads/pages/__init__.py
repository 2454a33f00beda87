"""The pages beside the dashboard: one download, the player, the queue, the health strip."""
