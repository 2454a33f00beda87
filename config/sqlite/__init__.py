"""Django's SQLite backend, with a queue for its one writer."""
