"""What all steps of one mux share, and the folder that it works in."""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import DiskFull, InternalError, StorageUnavailable
from downloads.engine.media.config import MediaConfig
from downloads.engine.media.progress import Course

_FULL: Final = (errno.ENOSPC, errno.EDQUOT)
_LOOK: Final = 0.5  # seconds
_PATIENCE: Final = 10.0  # seconds
_SLOWEST: Final = 10e6  # bytes per second of a disk that still works
_REFUSED: Final = (errno.EACCES, errno.EROFS, errno.EPERM)


@dataclass(frozen=True, slots=True)
class FfmpegJob:
    """``folder`` is the jail's: nothing in it is to be trusted, nothing of value may lie there."""

    folder: Path
    config: MediaConfig
    stop: StopToken
    course: Course


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """``folder``, empty; gone afterwards. What a run before this one left in it goes too."""
    with disk_errors():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700, parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish(made: Path, output: Path, stop: StopToken) -> None:
    """Onto the disk, then under its name. Raises DiskFull, StorageUnavailable, InternalError,
    Stopped."""
    with disk_errors():
        descriptor = os.open(made, os.O_RDONLY | os.O_NOFOLLOW)
        try:
            _sync(descriptor, stop)
        finally:
            os.close(descriptor)
        stop.check()
        made.replace(output)
        descriptor = os.open(output.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _sync(descriptor: int, stop: StopToken) -> None:
    """A large file may take a minute; a disk that hangs must cost the lease all the same."""
    patience = time.monotonic() + _PATIENCE + os.fstat(descriptor).st_size / _SLOWEST
    with ThreadPoolExecutor(1, thread_name_prefix="sync") as thread:
        synced = thread.submit(os.fsync, descriptor)
        while not wait([synced], timeout=_LOOK).done:
            if time.monotonic() < patience:
                stop.beat()
        synced.result()


@contextmanager
def disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFull(str(error.strerror)) from error
        if error.errno in _REFUSED:
            raise StorageUnavailable(str(error.strerror)) from error
        raise InternalError(f"disk: {error.strerror}") from error
