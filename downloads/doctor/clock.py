"""This host's clock against those of the database and the storage."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

from django.db import DatabaseError, connection

from downloads.doctor.finding import Finding, fail, ok, warn
from downloads.engine.core.errors import StorageUnavailable
from downloads.queue.clock import ledger_time
from downloads.storage.media import media_storage

HARMLESS: Final = 5.0  # seconds
S3_REFUSES: Final = 600.0  # seconds; it does from 15 minutes on
NTP: Final = "Run NTP (chrony, systemd-timesyncd) on both hosts."


def probe() -> Iterator[Finding]:
    if connection.vendor == "postgresql":
        try:
            yield judge("clock_database", "the database", ledger_time() - time.time())
        except DatabaseError:
            pass  # said by its own probe
    try:
        told = media_storage().server_time()
    except StorageUnavailable:
        return
    if told is not None:
        yield judge("clock_storage", "the storage", told - time.time())


def judge(id: str, server: str, ahead: float) -> Finding:
    """Return the finding of a clock that is so many seconds ahead of this host's. Pure."""
    if abs(ahead) < HARMLESS:
        return ok(id, f"The clocks of this host and {server} agree.")
    direction = "behind" if ahead > 0 else "ahead of"
    text = f"This host's clock is {abs(ahead):.0f} s {direction} the one of {server}."
    return (fail if abs(ahead) >= S3_REFUSES else warn)(id, text, NTP)
