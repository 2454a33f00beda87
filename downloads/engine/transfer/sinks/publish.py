"""The last step: the finished part becomes the stored file, atomically and re-entrantly."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from downloads.engine.core import disk
from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import StorageUnavailable
from downloads.engine.transfer.sinks.base import Stored
from downloads.engine.transfer.sinks.digest import PrefixDigest


def publish(part: Path, final: Path, stored: Stored, stop: StopToken) -> None:
    """Move ``part`` to ``final``; a repeat after a crash finds that it is done.

    Raises Stopped, DiskFull, or StorageUnavailable, also if the part is gone and ``final`` is not
    the file that it became.
    """
    stop.check()
    with disk.disk_errors():
        final.parent.mkdir(parents=True, exist_ok=True)
        try:
            _rename(part, final, stop)
        except FileNotFoundError:
            if not is_stored(final, stored, stop):
                raise StorageUnavailable("the part is gone and the final file differs") from None
        disk.sync_directory(final.parent)


def is_stored(final: Path, stored: Stored, stop: StopToken) -> bool:
    """Return if ``final`` is this very file: by size, and by hash if there is one."""
    try:
        with final.open("rb") as file:
            if os.fstat(file.fileno()).st_size != stored.size:
                return False
            return stored.sha256 in (None, file_sha256(file.fileno(), stored.size, stop))
    except FileNotFoundError:
        return False


def file_sha256(fd: int, size: int, stop: StopToken) -> str:
    def tick() -> None:
        stop.check()
        stop.beat()

    return PrefixDigest().complete(fd, size, tick)


def _rename(part: Path, final: Path, stop: StopToken) -> None:
    """Move the part: if the work folder is on another file system than the storage, copy, then
    rename."""
    if part.stat().st_dev == final.parent.stat().st_dev:
        part.replace(final)
        return
    # One name for each final file, so that a repeat after a crash overwrites the half copy.
    name = hashlib.sha256(os.fsencode(final.name)).hexdigest()[:16]
    beside = final.with_name(f".{name}.part")
    _copy(part, beside, stop)
    stop.check()
    beside.replace(final)
    part.unlink()


def _copy(source: Path, target: Path, stop: StopToken) -> None:
    def tick() -> None:
        stop.check()
        stop.beat()

    with source.open("rb") as reader, target.open("w+b") as writer:
        size = os.fstat(reader.fileno()).st_size
        disk.reserve(writer.fileno(), size)
        disk.copy_range(reader.fileno(), writer.fileno(), 0, size, tick)
        os.fsync(writer.fileno())
