"""``manage.py migrate``: Django's, one at a time."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.commands.migrate import Command as Migrate
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

LOCK_PAUSE = 0.25  # seconds
MIGRATE_LOCK = 0x46455253  # a number that only Ferry uses, beside that of claims


class Command(Migrate):
    def handle(self, *args: Any, **options: Any) -> None:
        # Processes that start together all migrate; the second would fail on tables that the first
        # has just made.
        with _alone(connections[options["database"]]):
            super().handle(*args, **options)


def _takes_lock(cursor: Any) -> bool:
    cursor.execute("SELECT pg_try_advisory_lock(%s)", [MIGRATE_LOCK])
    return bool(cursor.fetchone()[0])


@contextmanager
def _alone(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Wait until no other process migrates this database."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # The limits of requests would end a long migration, and the wait for another one.
            cursor.execute("SET statement_timeout = 0; SET lock_timeout = 0")
            # Asked again and again: an index that is built beside writes waits for all statements
            # that run, and so for one that waits for this lock.
            while not _takes_lock(cursor):
                time.sleep(LOCK_PAUSE)
        try:
            yield
        finally:
            # Ends with the session too, if the connection was lost.
            connection.close()
        return
    file = Path(str(connection.settings_dict["NAME"]))
    if not file.parent.is_dir() or connection.is_in_memory_db():  # type: ignore[attr-defined]
        yield
        return
    # The folder, not the file: to close that would end SQLite's own locks in this process.
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
