"""The edge to ``storages["media"]`` and to the work folder: put, size up, remove.

``storages["media"]`` is a FileSystemStorage or an S3Storage (config/settings/storage.py).
Whatever either refuses becomes StorageUnavailable.
"""

from __future__ import annotations

import errno
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import IO, cast

from botocore.exceptions import BotoCoreError, ClientError
from django.core.exceptions import SuspiciousFileOperation
from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, storages

from downloads import conf
from downloads.engine.core.errors import StorageUnavailable
from downloads.models import Rendition
from downloads.storage.media_types import media_type


def media_storage() -> Storage:
    return storages["media"]


@contextmanager
def storage_errors() -> Iterator[None]:
    """Raises StorageUnavailable for what the disk or the bucket refuses."""
    try:
        yield
    except (OSError, BotoCoreError, ClientError) as error:
        raise StorageUnavailable(f"{type(error).__name__}: {error}") from error


# --- unfinished files --------------------------------------------------------------------


def part_dir(rendition_id: uuid.UUID) -> Path:
    """Where the unfinished files of a rendition lie; it need not exist."""
    return conf.work_dir() / str(rendition_id)


def discard_work(rendition_id: uuid.UUID) -> None:
    """Remove the unfinished files of a rendition, if there are any.

    Raises StorageUnavailable where some would not go.
    """
    with storage_errors():
        try:
            shutil.rmtree(part_dir(rendition_id))
        except FileNotFoundError:
            # none there; or two removed it at once, and the other may have left some behind
            shutil.rmtree(part_dir(rendition_id), ignore_errors=True)


def set_work_aside(rendition_id: uuid.UUID) -> uuid.UUID | None:
    """In one step, to be discarded by the id that is returned: whoever begins anew meanwhile finds
    nothing, and loses nothing. After a crash the sweeper finds it. None where there is none.

    Raises StorageUnavailable.
    """
    aside = uuid.uuid4()
    with storage_errors():
        try:
            part_dir(rendition_id).rename(part_dir(aside))
        except FileNotFoundError:
            return None
    return aside


def orphan_work_dirs() -> list[uuid.UUID]:
    """The renditions that have unfinished files but no row any more, for the sweeper.

    The folders are listed before the rows are read: a rendition is always in the database
    before it has a folder, so none that has just begun is taken for an orphan.
    """
    found = _work_dirs()
    known = set(Rendition.objects.filter(pk__in=found).values_list("pk", flat=True))
    return [rendition_id for rendition_id in found if rendition_id not in known]


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
    """Bytes free where unfinished files are written; None where that cannot be told."""
    folder = conf.work_dir()
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


# --- stored files ------------------------------------------------------------------------


def final_path(name: str) -> Path | None:
    """Where a stored file lies on the disk; None where the storage is no disk.

    Raises SuspiciousFileOperation for a name that leads out of the storage.
    """
    storage = media_storage()
    if not isinstance(storage, FileSystemStorage):
        return None
    path = Path(storage.path(name))
    if path == Path(storage.location):
        raise SuspiciousFileOperation("A stored file has a name.")
    return path


def size(name: str) -> int | None:
    """Bytes; None where there is no such file. Raises StorageUnavailable."""
    with storage_errors():
        try:
            return media_storage().size(name)
        except FileNotFoundError:
            return None


def open_for_reading(name: str) -> FileIO:
    """A file of the local storage, unbuffered. Raises StorageUnavailable, also where missing."""
    path = final_path(name)
    if path is None:
        raise StorageUnavailable("the storage is no local disk")
    with storage_errors():
        return path.open("rb", buffering=0)


class _Typed(File):
    """Says its media type, which the storage would guess from the name: text/html."""

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
        if saved != name:  # somebody put another file there meanwhile
            storage.delete(saved)
            raise StorageUnavailable(f"{name} is taken")


def remove(name: str) -> None:
    """Remove a stored file and the folders that it leaves empty; a missing one is fine.

    Raises StorageUnavailable.
    """
    path = final_path(name)
    with storage_errors():
        if path is None:
            media_storage().delete(name)
            return
        path.unlink(missing_ok=True)
        _remove_empty_folders(path.parent, Path(cast(FileSystemStorage, media_storage()).location))


def _remove_empty_folders(folder: Path, root: Path) -> None:
    while folder != root and root in folder.parents:
        try:
            folder.rmdir()
        except FileNotFoundError:
            pass  # another removal was first
        except OSError as error:
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                return
            raise
        folder = folder.parent
