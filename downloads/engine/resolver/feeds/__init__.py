"""Lists of films and sounds that stand alone: podcasts' feeds, and players' playlists."""
