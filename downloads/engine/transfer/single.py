"""One URL into one file, with the file system as the only memory."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from downloads.engine.core import disk
from downloads.engine.core.errors import StorageUnavailable
from downloads.engine.transfer import engine
from downloads.engine.transfer.checkpoint import FileCheckpointStore
from downloads.engine.transfer.part_names import checkpoint_path, lock_path, part_path
from downloads.engine.transfer.request import FileRequest
from downloads.engine.transfer.sinks.base import Stored
from downloads.engine.transfer.sinks.local import LocalSink
from downloads.engine.transfer.sinks.publish import is_stored


def fetch(request: FileRequest, target: Path, *, key: str = "", digest: bool = True) -> Stored:
    """Fetch the stream into ``target``; ``digest=False`` leaves the SHA-256 out.

    ``.NAME.part`` and its checkpoint stay beside the target until it is done. ``key`` identifies
    the download, if that is not the stream's own URL; another key begins at zero. Raises
    DownloadError and Stopped, with both kept.
    """
    part = part_path(target)
    store = _store(target, key or request.stream.url)
    with alone(target):
        checkpoint = store.load()
        if checkpoint is not None and checkpoint.complete and not part.exists():
            stored = Stored(checkpoint.total or 0, checkpoint.sha256)
            if is_stored(target, stored, request.stop):  # killed between the last two steps
                store.remove()
                return stored
        sink = LocalSink(target.parent, 0, request.stop, name=part.name, digest=digest)
        outcome = engine.run(request, sink, store)
        stored = Stored(outcome.size, outcome.sha256)
        sink.publish(target, stored)
        store.remove()
        return stored


def is_unfinished(target: Path, key: str) -> bool:
    """Return if an earlier fetch of ``key`` into ``target`` can be resumed."""
    return _store(target, key).load() is not None


def identity(url: str) -> str:
    """Return 32 hex digits, always the same for a URL, that do not reveal what the URL carries."""
    return hashlib.sha256(url.encode()).hexdigest()[:32]


def _store(target: Path, key: str) -> FileCheckpointStore:
    return FileCheckpointStore(checkpoint_path(target), identity(key))


@contextlib.contextmanager
def alone(target: Path) -> Iterator[None]:
    """Lock the target: two commands must not write one part. The lock is the kernel's: it ends with
    its holder.

    Raises StorageUnavailable if another one holds it.
    """
    path = lock_path(target)
    with disk.disk_errors():
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if not _lock(fd, path):
            raise StorageUnavailable(
                "locked",
                message="Another download writes to this file. Wait for it, or name another one.",
            )
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
    finally:
        os.close(fd)


def _lock(fd: int, path: Path) -> bool:
    """Lock the file. Return False also if the previous holder has just unlinked the file of
    ``fd``."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return path.stat().st_ino == os.fstat(fd).st_ino
    except (BlockingIOError, FileNotFoundError):
        return False
