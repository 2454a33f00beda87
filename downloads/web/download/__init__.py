"""``/downloads/<id>/``: one download with its story, and its player."""
