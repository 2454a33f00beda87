from __future__ import annotations

import errno
import os
import stat
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import FileSystemStorage

from downloads import conf
from downloads.engine.core.byte_range import ByteRange
from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.progress import Progress
from downloads.engine.transfer.sinks.base import Stored
from downloads.engine.transfer.sinks.local import LocalSink
from downloads.engine.transfer.sinks.publish import is_stored, publish
from downloads.storage.block_source import LocalFile
from downloads.storage.errors import FileLost, storage_errors
from downloads.storage.media import MediaStorage, Unfinished

# A file in place of a folder is as missing as a folder in place of the file.
_NO_FILE: Final = (FileNotFoundError, NotADirectoryError, IsADirectoryError)


class LocalMediaStorage(MediaStorage, FileSystemStorage):
    """Finished files in a folder."""

    is_bucket = False

    def sink(self, name: str, unfinished: Unfinished, stop: StopToken, *, cap: int) -> LocalSink:
        return LocalSink(unfinished.folder, unfinished.generation, stop)

    def put(
        self,
        path: Path,
        name: str,
        stored: Stored,
        rendition_id: uuid.UUID,
        stop: StopToken,
        on_progress: Callable[[Progress], None],
    ) -> None:
        publish(path, self.local_path(name), stored, stop)

    def holds(self, name: str, stored: Stored, stop: StopToken) -> bool:
        return is_stored(self.local_path(name), stored, stop)

    def read(self, name: str, size: int, byte_range: ByteRange) -> LocalFile:
        with storage_errors():
            try:
                opened = self.local_path(name).open("rb", buffering=0)
            except _NO_FILE as error:
                raise FileLost(name) from error
        found = os.fstat(opened.fileno()).st_size
        if found != size:
            opened.close()
            raise FileLost.cut(name, found, size)
        return LocalFile(opened)

    def check_stored(self, name: str, size: int) -> None:
        with storage_errors():
            try:
                found = self.local_path(name).stat()
            except _NO_FILE as error:
                raise FileLost(name) from error
        if not stat.S_ISREG(found.st_mode):
            raise FileLost(f"{name} is no file")
        if found.st_size != size:
            raise FileLost.cut(name, found.st_size, size)

    def files(self) -> Iterator[tuple[str, int]]:
        root, work = Path(self.location), conf.work_dir()
        with storage_errors():
            for folder, folders, names in os.walk(root, onerror=_raise):
                here = Path(folder)
                folders[:] = sorted(each for each in folders if here / each != work)
                for name in sorted(names):
                    with suppress(FileNotFoundError):
                        found = (here / name).lstat()
                        if stat.S_ISREG(found.st_mode):
                            yield str((here / name).relative_to(root)), found.st_size

    def local_path(self, name: str) -> Path:
        path = Path(self.path(name))
        if path == Path(self.location):
            raise SuspiciousFileOperation("A stored file has a name.")
        return path

    def signed_url(self, name: str, *, content_type: str, disposition: str) -> None:
        return None

    def check_ready(self) -> None:
        with storage_errors():
            Path(self.location).mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.location) as file:
                file.write(b"ferry")

    def delete(self, name: str) -> None:
        """Remove a file and the folders that it leaves empty; a missing one is fine."""
        path = self.local_path(name)
        path.unlink(missing_ok=True)
        _remove_empty_folders(path.parent, Path(self.location))


def _raise(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):  # a folder that another process removed meanwhile
        raise error


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
