"""Time limits of the connections to PostgreSQL, as they came to be: a URL, a role, a database or a
pooler in between may set others than ``config/settings/database.py``, or drop them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db import connection

from downloads import conf

# In ms: (least, most, what happens without it).
SANE: Final = {
    "statement_timeout": (1_000, 300_000, "requests may hang on the database"),
    "lock_timeout": (100, 60_000, "requests may hang behind a locked table"),
    "idle_in_transaction_session_timeout": (
        1_000,
        600_000,
        "a frozen process may hold its locks for ever",
    ),
    # longer than a worker waits for a lost heartbeat, it loses its leases to a cut that heals
    "tcp_user_timeout": (
        1_000,
        int((conf.LEASE - conf.LEASE_MARGIN).total_seconds() * 1000),
        "workers hang on a connection whose network was cut, and lose their downloads",
    ),
}


def database_limits() -> dict[str, int]:
    """Return the limits of this thread's connection in ms, 0 for none; empty on SQLite. Raises
    DatabaseError."""
    if connection.vendor != "postgresql":
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, setting::bigint FROM pg_settings WHERE unit = 'ms' AND name = ANY(%s)",
            [list(SANE)],
        )
        # The server's own tcp_user_timeout is about its end of the connection.
        limits = {name: int(ms) for name, ms in cursor.fetchall() if name != "tcp_user_timeout"}
        info = cursor.connection.info
        if not info.host.startswith("/"):  # no network in between
            limits["tcp_user_timeout"] = _of_client(info)
    return limits


def _of_client(info: Any) -> int:
    return int(info.get_parameters().get("tcp_user_timeout", 0))


def limits_warning(limits: Mapping[str, int]) -> str:
    """Return a sentence for operators about the limits that are missing or absurd; empty if all
    make sense."""
    said = []
    for name, ms in limits.items():
        least, most, otherwise = SANE[name]
        if ms == 0:
            said.append(f"{name} is off: {otherwise}.")
        elif not least <= ms <= most:
            said.append(f"{name} is {ms} ms: set it between {least} and {most} ms.")
    if said:
        said.append("See DATABASE_URL, and the settings of its role, database and pooler.")
    return " ".join(said)
