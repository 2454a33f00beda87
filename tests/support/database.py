"""A PostgreSQL database of one's own where the suite runs on PostgreSQL; and none to be had."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from django.db import connection

AWAY = {"NAME": "/nowhere/ferry", "HOST": "127.0.0.1", "PORT": "1"}


@contextmanager
def own_database() -> Iterator[str]:
    """Its URL; empty where the suite runs on SQLite: a stack has its own file then anyway."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        yield ""
        return
    import psycopg

    name = f"stack_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield urlsplit(url)._replace(path=f"/{name}").geturl()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def database_away() -> Iterator[None]:
    """Have every new connection fail: to a file in no folder, or a port where nothing listens."""
    told = connection.settings_dict
    known = {name: told[name] for name in AWAY}
    connection.close()
    told.update(AWAY)
    try:
        yield
    finally:
        connection.close()
        told.update(known)
