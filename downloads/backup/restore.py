"""The way back of a backup: into an empty database, or in place of another one."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from config import datadir
from downloads.backup import manifest, postgresql, sqlite
from downloads.backup.create import KEY_FILE
from downloads.backup.errors import BackupError
from downloads.backup.manifest import Manifest
from downloads.backup.running import signs_of_use
from downloads.models import MaintenanceTurn, RealtimeTicket, Rendition, Worker
from downloads.network.installation_key import fingerprint
from downloads.queue.schema import known_migrations, schema_state
from downloads.queue.timeline import TransitionNote
from downloads.queue.transitions import NO_LEASE, Status, move

# A database with rows in any of these is in use.
KEPT_TABLES: Final = ("accounts_user", "downloads_content", "downloads_rendition")


@dataclass(frozen=True, slots=True)
class Restored:
    """The result of a restore. ``set_aside``: places of what it replaced; ``queued``: renditions
    that were running when the backup was made, and wait again."""

    manifest: Manifest
    set_aside: tuple[Path, ...] = field(default=())
    queued: int = 0


def restore(folder: Path, *, replace: bool) -> Restored:
    """Load a backup, migrate it to this code, and have what ran wait again.

    ``replace``: also over a database that holds something. Raises BackupError before anything is
    changed for all that speaks against it.
    """
    backup = manifest.read(folder)
    try:
        _check(backup, replace=replace)
        aside = [*_load(backup, folder), *_take_key(backup, folder)]
        call_command("migrate", verbosity=0, interactive=False)
        return Restored(backup, tuple(aside), _forget_processes())
    except DatabaseError as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise BackupError(f"The database cannot be used ({reason}).") from error
    except OSError as error:
        raise BackupError(f"The backup cannot be restored ({error}).") from error


# --- what speaks against it ---------------------------------------------------------------


def _check(backup: Manifest, *, replace: bool) -> None:
    """Raise BackupError if this backup must not be loaded here."""
    if backup.database != connection.vendor:
        raise BackupError(
            f"This backup is of {backup.database}, and DATABASE_URL names {connection.vendor}: a"
            " backup is restored into the kind of database that it was made of."
        )
    known = known_migrations()
    if newer := [name for name in backup.schema if name not in known]:
        raise BackupError(
            f"This backup is of a newer Ferry ({backup.version}, {newer[-1]}). Restore it with that"
            " version."
        )
    tables = frozenset(connection.introspection.table_names())
    if used := list(signs_of_use(tables)):
        raise BackupError(
            f"Ferry is running: {', '.join(used[:5])}. Stop all its processes, and wait 15 s if"
            " they were killed."
        )
    if not replace and (kept := _rows_in(tables)):
        raise BackupError(
            f"The database is not empty ({kept}). Set DATA_DIR or DATABASE_URL to an empty one, or"
            " add --replace to replace what is there."
        )
    if schema_state().unknown:
        raise BackupError(
            "The database here was migrated by a newer Ferry. Name an empty one, or restore with"
            " that version."
        )
    _check_key(backup, replace=replace)


def _check_key(backup: Manifest, *, replace: bool) -> None:
    """Raise BackupError if the backup's secrets could not be read here."""
    in_use = _key_in_use()
    if in_use and fingerprint(in_use) == backup.key_fingerprint:
        return
    if backup.key == "environment":
        raise BackupError(
            "The backup does not hold SECRET_KEY, which came from the environment. Set the"
            " SECRET_KEY that was in use when it was made."
        )
    kept = datadir.read(datadir.secret_key_file(settings.DATA_DIR))
    if in_use and in_use != kept:
        raise BackupError(
            "SECRET_KEY in the environment is another one than the backup's. Unset it, or set it to"
            f" what {KEY_FILE} of the backup holds."
        )
    if kept and not replace:
        raise BackupError(
            "DATA_DIR holds another SECRET_KEY than the backup. Set DATA_DIR to an empty folder, or"
            " add --replace."
        )


def _key_in_use() -> str:
    try:
        return settings.SECRET_KEY
    except ImproperlyConfigured:  # Django's word for an empty one
        return ""


def _rows_in(tables: frozenset[str]) -> str:
    """Return what the database holds, in words; empty if nothing."""
    found = []
    for table in sorted(tables & set(KEPT_TABLES)):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608
            if count := cursor.fetchone()[0]:
                found.append(f"{count} rows in {table}")
    return ", ".join(found)


# --- loading ------------------------------------------------------------------------------


def _take_key(backup: Manifest, folder: Path) -> list[Path]:
    """Put the backup's key into DATA_DIR unless it is in use; return where another was kept."""
    in_use = _key_in_use()
    if in_use and fingerprint(in_use) == backup.key_fingerprint:
        return []
    file = datadir.secret_key_file(settings.DATA_DIR)
    aside = []
    if file.exists():
        aside.append(_free_name(file))
        file.replace(aside[0])
    key = datadir.read(folder / KEY_FILE)
    datadir.write_private(file, key)
    settings.SECRET_KEY = key  # the file was read when this process started
    return aside


def _free_name(path: Path) -> Path:
    number = 1
    while (found := path.with_name(f"{path.name}.before-restore-{number}")).exists():
        number += 1
    return found


def _load(backup: Manifest, folder: Path) -> list[Path]:
    """Load the database; return where what it replaced was kept."""
    if backup.database == "postgresql":
        work = Path(tempfile.mkdtemp(dir=settings.DATA_DIR, prefix="restore-"))
        try:
            postgresql.load(folder / postgresql.FILE, work)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        return []
    connection.close()
    kept = sqlite.load(folder / sqlite.FILE, Path(str(connection.settings_dict["NAME"])))
    return [] if kept is None else [kept]


def _forget_processes() -> int:
    """Have what ran wait again, and forget processes and tickets of then; return the number of
    downloads that wait again."""
    with transaction.atomic():
        queued = sum(_hand_back(rendition) for rendition in _running())
        for model in (Worker, MaintenanceTurn, RealtimeTicket):
            model._default_manager.all().delete()
    return queued


def _running() -> Iterator[Rendition]:
    yield from Rendition.objects.filter(status__in=(Status.RUNNING, Status.FINALIZING))


def _hand_back(rendition: Rendition) -> bool:
    # As after a worker's SIGTERM: this attempt does not count. The checkpoint stays: what it says
    # is durable may be there, and is checked before it is used.
    note = TransitionNote("handed_back", "Ferry was restored from a backup; it resumes.")
    fields = {**NO_LEASE, "next_attempt_at": Now(), "waits_since": Now()}
    attempts = F("attempts") - 1 if rendition.attempts else F("attempts")
    moved = move(rendition.pk, rendition.status, Status.QUEUED, note, attempts=attempts, **fields)
    return moved is not None
