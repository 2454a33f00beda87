"""The dashboard: one tab of a user's downloads, row by row."""
