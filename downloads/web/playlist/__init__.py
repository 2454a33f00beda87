"""``/playlists/<id>/``: look into a playlist, and choose from it."""
