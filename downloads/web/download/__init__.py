"""``/downloads/<id>/``: one download with its timeline, and its player."""
