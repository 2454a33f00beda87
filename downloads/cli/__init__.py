"""Commands without a server, Redis or a database, and so without Django: they start at once."""
