"""``manage.py migrate``: Django's, one at a time."""

from __future__ import annotations

from typing import Any

from django.core.management.commands.migrate import Command as Migrate
from django.db import connections

MIGRATE_LOCK = 0x46455253  # a number that only Ferry uses, beside that of claims


class Command(Migrate):
    def handle(self, *args: Any, **options: Any) -> None:
        # Hosts that start together all migrate; the second would fail on tables that the first has
        # just made. SQLite is one host's, where `up` has a lock of its own.
        connection = connections[options["database"]]
        if connection.vendor != "postgresql":
            super().handle(*args, **options)
            return
        with connection.cursor() as cursor:
            # The limits of requests would end a long migration, and the wait for another one.
            cursor.execute("SET statement_timeout = 0; SET lock_timeout = 0")
            cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATE_LOCK])
        try:
            super().handle(*args, **options)
        finally:
            # Ends with the session too, if the connection was lost.
            connection.close()
