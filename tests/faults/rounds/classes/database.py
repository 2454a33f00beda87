"""Database: locked, and its connections cut."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing

from tests.faults.rounds.fault import Fault
from tests.faults.rounds.site import Site


def lock(site: Site, download: str) -> None:
    """Hold the write lock, or the busiest tables, for 8 s."""
    if not site.database_url:
        file = site.stack.data_dir / "ferry.sqlite3"
        with closing(sqlite3.connect(file, timeout=30, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            time.sleep(8)
            connection.execute("ROLLBACK")
        return
    import psycopg

    with psycopg.connect(site.database_url) as locked:
        locked.execute(
            "LOCK TABLE downloads_rendition, downloads_download IN ACCESS EXCLUSIVE MODE"
        )
        time.sleep(8)
        locked.rollback()


def cut_connections(site: Site, download: str) -> None:
    import psycopg

    with psycopg.connect(site.database_url, autocommit=True) as connection:
        for _ in range(3):
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            time.sleep(1)


FAULTS = (
    Fault("locked for 8 s", lock),
    Fault("connections cut for 3 s", cut_connections, needs="postgresql"),
)
