"""Lists of separate films and sounds: podcast feeds, and players' playlists."""
