"""The folder of releases of this host. Any process of it may read; few write, under a lock."""

from __future__ import annotations

import fcntl
import functools
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import metadata
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from downloads.engine.core import disk
from downloads.engine.resolver.ytdlp.releases import record as records
from downloads.engine.resolver.ytdlp.releases import wheel
from downloads.engine.resolver.ytdlp.releases.errors import Busy
from downloads.engine.resolver.ytdlp.releases.record import Record, Release, version_of

Kind = TypeVar("Kind", bound=msgspec.Struct)
_RECORD: Final = "releases.json"
_NEW: Final = ".new-"
_KEPT: Final = 86_400.0  # seconds that a release stays after its end, for children that run it


@functools.cache
def installed_version() -> str:
    """Return the version of the installed yt-dlp: the floor, which the requirements pin."""
    return metadata.version("yt-dlp")


class ReleaseStore:
    """The releases in ``folder`` (``DATA_DIR/ytdlp``), and the record of which is in use."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._seen: tuple[object, Record] = (None, Record())

    @property
    def record(self) -> Record:
        """Return the record as it is now; read again only if it was replaced."""
        path = self.folder / _RECORD
        try:
            found = path.stat()
            signature: object = (found.st_ino, found.st_mtime_ns, found.st_size)
        except OSError:
            signature = None
        if signature != self._seen[0]:
            self._seen = signature, self.read(_RECORD, Record)
        return self._seen[1]

    def current(self) -> Release | None:
        """Return the release to use; None for the installed one.

        That is also used if the record's is not newer, as after an upgrade of Ferry, or is gone:
        even if it is pinned, for it is what this Ferry was made for.
        """
        release = self.record.in_use
        if release is None or not self.path(release).is_dir():
            return None
        newer = version_of(release.version) > version_of(installed_version())
        return release if newer else None

    @property
    def version(self) -> str:
        """Return the version to use."""
        release = self.current()
        return installed_version() if release is None else release.version

    def path(self, release: Release) -> Path:
        """Return the folder to import a release from."""
        return self.folder / release.folder

    def change(self, how: Callable[[Record], Record]) -> Record:
        """Replace the record by what ``how`` makes of it; waits for others that do."""
        with self.locked():
            old = self.read(_RECORD, Record)
            new = how(old)
            if new != old:
                self.write(_RECORD, new)
            if old.in_use is not None and new.in_use != old.in_use:
                with suppress(OSError):  # it is gone
                    os.utime(self.path(old.in_use))  # counts from now on, in _sweep()
        return new

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the files of the store; waits for other processes that do."""
        self.folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        with _lock(self.folder / ".lock", fcntl.LOCK_EX):
            yield

    def read(self, name: str, kind: type[Kind]) -> Kind:
        return records.read(self.folder / name, kind)

    def write(self, name: str, content: msgspec.Struct) -> None:
        records.write(self.folder / name, content)

    @contextmanager
    def updating(self) -> Iterator[Path]:
        """Yield an empty folder for one update; gone at its end. Raises Busy if another update
        of this host is under way."""
        self.folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        try:
            with _lock(self.folder / ".update.lock", fcntl.LOCK_EX | fcntl.LOCK_NB):
                self._sweep()
                with tempfile.TemporaryDirectory(prefix=_NEW, dir=self.folder) as new:
                    yield Path(new)
        except BlockingIOError:
            raise Busy(
                "Another update of yt-dlp is under way on this host. See: manage.py ytdlp status"
            ) from None

    def keep(self, unpacked: Path, release: Release) -> None:
        """Give an unpacked release its name. One that is there already stays: it is the same."""
        target = self.path(release)
        if not target.is_dir():
            unpacked.chmod(0o755)
            unpacked.rename(target)
            disk.sync_directory(self.folder)

    def _sweep(self) -> None:
        """Remove what killed updates left, and releases that are long out of use."""
        record = self.record
        kept = {each.folder for each in (record.in_use, record.before) if each is not None}
        for path in self.folder.iterdir():
            if not path.is_dir() or path.name in kept:
                continue
            if path.name.startswith(_NEW) or path.stat().st_mtime < time.time() - _KEPT:
                wheel.remove(path)


@contextmanager
def _lock(path: Path, how: int) -> Iterator[None]:
    """Hold a lock of the kernel's, which goes with the process. Raises BlockingIOError."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, how)
        yield
    finally:
        os.close(descriptor)
