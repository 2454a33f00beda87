"""The ledger: SQLite on one host, PostgreSQL on several."""

from __future__ import annotations

from typing import Any

import dj_database_url

from config.settings.environment import ENVIRONMENT

_SQLITE = {
    "transaction_mode": "IMMEDIATE",  # two claims must queue, not deadlock on the upgrade
    "timeout": 5,  # seconds; less than half a lease
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}
_POSTGRESQL = {
    "connect_timeout": 3,  # seconds: a POST must not hang on a dead server
    # A connection whose network was cut ends in 8 s whether it sends or waits, well within a lease:
    # else the kernel would try for a quarter of an hour, and a heartbeat with it.
    "tcp_user_timeout": 8000,  # ms
    "keepalives": 1,
    "keepalives_idle": 3,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    # By the server: a request then answers 503, a heartbeat is tried again. The last ends what a
    # frozen process holds.
    "options": (
        "-c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s"
    ),
}


def _default() -> dict[str, Any]:
    # conn_max_age 0: under ASGI each thread would keep a connection that is never closed.
    database: dict[str, Any] = {**dj_database_url.parse(ENVIRONMENT.database_url, conn_max_age=0)}
    sqlite = database["ENGINE"].endswith("sqlite3")
    if sqlite:
        database["ENGINE"] = "config.sqlite"
    database["OPTIONS"] = _merged(_SQLITE if sqlite else _POSTGRESQL, database.get("OPTIONS", {}))
    return database


def _merged(ours: dict[str, Any], of_url: dict[str, Any]) -> dict[str, Any]:
    """Return our options with those of the URL over them."""
    both = {**ours, **of_url}
    if "options" in ours and "options" in of_url:
        # A list of settings, of which the last holds: one that is named there unsets no other.
        both["options"] = f"{ours['options']} {of_url['options']}"
    return both


DATABASES = {"default": _default()}
