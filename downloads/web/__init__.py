"""The pages beside the dashboard, a package a page; and what the dashboard shows."""
