"""Signs of processes that use this database or DATA_DIR now."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final

import psutil
from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

from downloads import conf
from downloads.models import MaintenanceTurn, Worker

TURN_RECENT: Final = timedelta(seconds=15)


def signs_of_use(tables: frozenset[str]) -> Iterator[str]:
    """Yield what shows that processes run, each as words for an operator.

    ``tables``: those in the database, which may be empty. Raises DatabaseError.
    """
    if owner := _owner_of_data_dir():
        yield f"`manage.py up` runs in {settings.DATA_DIR} (process {owner})"
    if {Worker._meta.db_table, MaintenanceTurn._meta.db_table} <= tables:
        # By single columns: the database may be older than this code.
        alive = Worker.objects.alive(conf.LEASE).values_list("hostname", "pid")
        yield from (f"worker {hostname}:{pid}" for hostname, pid in alive)
        turns = MaintenanceTurn.objects.filter(done_at__gte=Now() - TURN_RECENT)
        yield from (f"scheduler {holder}" for holder in turns.values_list("holder", flat=True))
    if connection.vendor == "sqlite":
        yield from _users_of(Path(str(connection.settings_dict["NAME"])))


def _owner_of_data_dir() -> str:
    """Return the process of the `up` that runs in DATA_DIR; empty without one."""
    try:
        file = (settings.DATA_DIR / "up.lock").open()
    except OSError:
        return ""
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return file.read().strip() or "unknown"
    return ""


def _users_of(database: Path) -> Iterator[str]:
    """Yield other processes of this user that have the file open."""
    try:
        wanted = database.stat()
    except OSError:
        return
    for process in psutil.process_iter():
        if process.pid == os.getpid():
            continue
        with suppress(psutil.Error, OSError):
            if any(_is_same(file.path, wanted) for file in process.open_files()):
                yield f"process {process.pid} ({process.name()})"


def _is_same(path: str, wanted: os.stat_result) -> bool:
    found = Path(path).stat()
    return (found.st_dev, found.st_ino) == (wanted.st_dev, wanted.st_ino)
