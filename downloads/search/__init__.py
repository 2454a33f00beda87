"""The search of a user's downloads: what an index finds, and what is read instead of it."""
