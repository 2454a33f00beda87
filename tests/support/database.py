"""A PostgreSQL database of one's own where the suite runs on PostgreSQL; and none to be had."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from django.db import connection

from tests.support.migrated_file import version
from tests.support.shell import ROOT

AWAY = {"NAME": "/nowhere/ferry", "HOST": "127.0.0.1", "PORT": "1"}


@contextmanager
def own_database(*, migrated: bool = False) -> Iterator[str]:
    """Its URL; empty where the suite runs on SQLite: a stack has its own file then anyway.
    ``migrated``: with all tables, as `manage.py migrate` leaves it."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        yield ""
        return
    import psycopg

    name = f"stack_{uuid.uuid4().hex[:12]}"
    template = _migrated_template(url) if migrated else "template1"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    yield urlsplit(url)._replace(path=f"/{name}").geturl()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _migrated_template(url: str) -> str:
    """Return the name of a migrated database to copy. The first that needs it makes it: the
    migrations take seconds, and dozens of stacks would each apply them."""
    import psycopg

    prefix = "ferry_migrated_"
    name = prefix + version()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext('ferry_migrated'))")
        found = connection.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix]
        )
        known = {database for (database,) in found}
        if name in known:
            return name
        for old in known:  # of other migrations, or left half way
            connection.execute(f'DROP DATABASE "{old}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{prefix}making"')
        _migrate(urlsplit(url)._replace(path=f"/{prefix}making").geturl())
        connection.execute(f'ALTER DATABASE "{prefix}making" RENAME TO "{name}"')
    return name


def _migrate(url: str) -> None:
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "DATABASE_URL": url,
        "ENV_FILE": os.devnull,
        "SECRET_KEY": "a key of which nothing is kept in a database that is only migrated",
    }
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--noinput", "-v", "0"],
            cwd=ROOT,
            env=environment | {"DATA_DIR": folder},
            check=True,
            timeout=300,
        )


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
