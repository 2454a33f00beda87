"""What the dashboard (``downloads.views``) shows: one tab of a user's downloads, row by row."""
