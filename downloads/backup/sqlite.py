"""A SQLite ledger into one file, while it is written to, and back."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

from downloads.backup.errors import BackupError

FILE: Final = "database.sqlite3"
BESIDE: Final = ("", "-wal", "-shm")  # of a database file


def save(database: Path, copy: Path) -> None:
    """Copy the database as it is at one moment. Raises BackupError."""
    with (
        closing(sqlite3.connect(f"file:{_quoted(database)}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        # All pages in one step: a read transaction of a WAL database, which holds up no writer.
        # In several steps each write in between would begin the copy again.
        source.backup(target, pages=-1)
    with snapshot(copy) as cursor:
        (said,) = cursor.execute("PRAGMA quick_check").fetchone()
    if said != "ok":
        raise BackupError(f"The database is damaged ({said}). Restore an earlier backup.")


@contextmanager
def snapshot(copy: Path) -> Iterator[Any]:
    """Yield a cursor that reads the copy, and leaves no file beside it."""
    with closing(sqlite3.connect(f"file:{_quoted(copy)}?immutable=1", uri=True)) as connection:
        yield connection.cursor()


def load(copy: Path, database: Path) -> Path | None:
    """Put the copy in the place of the database; return where its predecessor was kept, if any."""
    fresh = database.with_name(f".{database.name}.restored")
    database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _copy_private(copy, fresh)
    kept = _set_aside(database)
    fresh.replace(database)
    return kept


def _set_aside(database: Path) -> Path | None:
    """Rename the database, whole: what its write-ahead log holds belongs to it."""
    if not _holds_tables(database):
        for ending in BESIDE:
            database.with_name(database.name + ending).unlink(missing_ok=True)
        return None
    number = 1
    while (kept := database.with_name(f"{database.name}.before-restore-{number}")).exists():
        number += 1
    for ending in reversed(BESIDE):
        found = database.with_name(database.name + ending)
        if found.exists():
            found.replace(kept.with_name(kept.name + ending))
    return kept


def _holds_tables(database: Path) -> bool:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute("SELECT 1 FROM sqlite_master").fetchone() is not None


def _copy_private(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with source.open("rb") as read, os.fdopen(descriptor, "wb") as written:
        shutil.copyfileobj(read, written, 1024 * 1024)
        written.flush()
        os.fsync(written.fileno())


def _quoted(path: Path) -> str:
    """Return a path as it stands in a URI of SQLite."""
    return str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
