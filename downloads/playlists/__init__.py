"""Playlists, what a user has of them, and the groups of downloads that were chosen from them."""
