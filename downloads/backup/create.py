"""A backup of a running Ferry, made beside its place and renamed once it is complete."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import DatabaseError, connection

from config import datadir
from config.version import VERSION
from downloads.backup import manifest, postgresql, sqlite
from downloads.backup.contents import count_rows, settings_text, write_stored_files
from downloads.backup.errors import BackupError
from downloads.backup.manifest import Manifest
from downloads.engine.core import disk
from downloads.network.installation_key import fingerprint
from downloads.queue.schema import applied_migrations, schema_state
from downloads.storage.media import media_storage

KEY_FILE: Final = "secret_key"
SETTINGS_FILE: Final = "settings.env"
LIST_FILE: Final = "files.jsonl"


def create(folder: Path) -> Manifest:
    """Make a backup in a new folder (0700, its files 0600) while everything runs.

    Raises BackupError; nothing is left then.
    """
    if folder.exists():
        raise BackupError(f"{folder} is there already. Name a folder that does not exist yet.")
    partial = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}.partial")
    try:
        partial.mkdir(mode=0o700, parents=True)
        made = _fill(partial)
        _write(partial / manifest.MANIFEST, manifest.text_of(made))
        _sync(partial)
        partial.rename(folder)
        disk.sync_directory(folder.parent)
    except DatabaseError as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise BackupError(f"The database cannot be read ({reason}).") from error
    except OSError as error:
        raise BackupError(f"{folder} cannot be written ({error.strerror}).") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return made


def _fill(folder: Path) -> Manifest:
    if unknown := schema_state().unknown:
        raise BackupError(
            f"The database was migrated by a newer Ferry ({unknown[-1]}). Make the backup with"
            " that version."
        )
    # The key first: who reads the database later can decrypt it by this one.
    with_key = _save_key(folder)
    _write(folder / SETTINGS_FILE, settings_text())
    with _database(folder) as cursor, _private(folder / LIST_FILE).open("w") as out:
        counts = {**count_rows(cursor), **write_stored_files(cursor, out)}
    return Manifest(
        version=VERSION,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        database=connection.vendor,
        database_version=_database_version(),
        schema=tuple(sorted(applied_migrations())),
        key="file" if with_key else "environment",
        key_fingerprint=fingerprint(settings.SECRET_KEY),
        storage="bucket" if media_storage().is_bucket else "folder",
        counts=counts,
        files={path.name: manifest.describe(path) for path in sorted(folder.iterdir())},
    )


@contextmanager
def _database(folder: Path) -> Iterator[Any]:
    """Save the database, and yield a cursor that reads what was saved."""
    if connection.vendor == "postgresql":
        with postgresql.snapshot() as (cursor, name):
            postgresql.save(name, _private(folder / postgresql.FILE))
            yield cursor
        return
    copy = _private(folder / sqlite.FILE)
    sqlite.save(Path(str(connection.settings_dict["NAME"])), copy)
    with sqlite.snapshot(copy) as cursor:
        yield cursor


def _database_version() -> str:
    return ".".join(map(str, connection.get_database_version()))


def _save_key(folder: Path) -> bool:
    """Copy the key that Ferry made, if it is the one in use; return if it is."""
    kept = datadir.read(datadir.secret_key_file(settings.DATA_DIR))
    if not kept or kept != settings.SECRET_KEY:
        return False
    _write(folder / KEY_FILE, kept + "\n")
    return True


def _write(path: Path, text: str) -> None:
    with _private(path).open("w", encoding="utf-8") as file:
        file.write(text)


def _private(path: Path) -> Path:
    """Create an empty file that this user alone may read."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
    return path


def _sync(folder: Path) -> None:
    """Have a folder and its files on the disk."""
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
    disk.sync_directory(folder)
