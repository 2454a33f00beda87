"""The work folder of unfinished files; whole files into the storage and out of it."""

from __future__ import annotations

import os
import shutil
import uuid
from pathlib import Path
from typing import IO

from django.core.files import File

from downloads import conf
from downloads.engine.core.errors import StorageUnavailable
from downloads.models import Rendition
from downloads.querysets import AT_REST
from downloads.storage.errors import storage_errors
from downloads.storage.media import media_storage
from downloads.storage.media_types import media_type

# --- unfinished files --------------------------------------------------------------------


def part_dir(rendition_id: uuid.UUID) -> Path:
    """Return the folder of a rendition's unfinished files; it need not exist."""
    return conf.work_dir() / str(rendition_id)


def discard_work(rendition_id: uuid.UUID) -> None:
    """Remove the unfinished files of a rendition, if there are any.

    Raises StorageUnavailable if some could not be removed.
    """
    with storage_errors():
        try:
            part_dir(rendition_id).rmdir()  # most often it is empty
            return
        except OSError:
            pass
        try:
            shutil.rmtree(part_dir(rendition_id))
        except FileNotFoundError:
            # none there; or another removal ran at once, and may have left files behind
            shutil.rmtree(part_dir(rendition_id), ignore_errors=True)


def set_work_aside(rendition_id: uuid.UUID) -> uuid.UUID | None:
    """Rename the work folder, and return the id to discard it by; None without one.

    Atomic: an attempt that begins meanwhile finds an empty place and loses nothing. After a crash
    the sweeper finds the folder. Raises StorageUnavailable.
    """
    aside = uuid.uuid4()
    with storage_errors():
        try:
            part_dir(rendition_id).rename(part_dir(aside))
        except FileNotFoundError:
            return None
    return aside


def left_work_dirs() -> list[uuid.UUID]:
    """Return this host's work folders that no worker will use any more, for the sweeper: of no row,
    or of a rendition that is at rest, perhaps because another host has stored it."""
    # Before the rows: a rendition is in the database before it has a folder, so none that has
    # just begun is taken for an orphan.
    found = _work_dirs()
    used = Rendition.objects.filter(pk__in=found).exclude(AT_REST).values_list("pk", flat=True)
    return [rendition_id for rendition_id in found if rendition_id not in set(used)]


def _work_dirs() -> list[uuid.UUID]:
    try:
        names = [entry.name for entry in conf.work_dir().iterdir()]
    except FileNotFoundError:
        return []
    return [found for name in names if (found := _as_uuid(name)) is not None]


def _as_uuid(name: str) -> uuid.UUID | None:
    try:
        found = uuid.UUID(name)
    except ValueError:
        return None
    return found if str(found) == name else None  # a folder that part_dir named


def free_space() -> int | None:
    """Return the bytes free for unfinished files; None if the system does not say."""
    try:
        return shutil.disk_usage(nearest_folder(conf.work_dir())).free
    except OSError:
        return None


def nearest_folder(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that is there."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


# --- stored files ------------------------------------------------------------------------


def size(name: str) -> int | None:
    """Return the size in bytes; None without such a file. Raises StorageUnavailable."""
    with storage_errors():
        try:
            return media_storage().size(name)
        except FileNotFoundError:
            return None


class _Typed(File):
    """A file with its media type, which the storage would guess from the name: text/html."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        super().__init__(file, name)
        self.content_type = media_type(name.rpartition(".")[2])


def save_file(name: str, path: Path) -> None:
    """Copy a finished local file into the storage under exactly this name.

    Re-entrant: what is there already in the same size stays; a remainder of another size is
    replaced. On a local storage the transfer's own rename is the better way.
    Raises StorageUnavailable.
    """
    storage = media_storage()
    with storage_errors(), path.open("rb") as source:
        if storage.exists(name):
            if storage.size(name) == os.fstat(source.fileno()).st_size:
                return
            storage.delete(name)
        saved = storage.save(name, _Typed(source, name))
        if saved != name:  # another file was put there meanwhile
            storage.delete(saved)
            raise StorageUnavailable(f"{name} is taken")


def remove(name: str) -> None:
    """Remove a stored file; a missing one is fine. Raises StorageUnavailable."""
    with storage_errors():
        media_storage().delete(name)
