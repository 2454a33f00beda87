"""``/playlists/<id>/``: the entries of a playlist, to choose from."""
