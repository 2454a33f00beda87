"""Commands that need no server, no Redis and no database, and so no Django: they begin at once."""
