"""An upload of a finished local file into the bucket, over many connections, resumable."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path

from downloads.engine.core import disk
from downloads.engine.core.byte_range import missing
from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.progress import Progress
from downloads.engine.transfer.checkpoint import Upload
from downloads.engine.transfer.config import MIB
from downloads.engine.transfer.meter import Meter
from downloads.engine.transfer.sinks.base import Stored
from downloads.engine.transfer.sinks.multipart import TICK, Multipart
from downloads.engine.transfer.sinks.object import ObjectTarget, Part, StoredObject, UploadGone
from downloads.engine.transfer.sinks.parts import part_size_for
from downloads.engine.transfer.sinks.retry import ask


def send_file(
    path: Path,
    stored: Stored,
    target: ObjectTarget,
    stop: StopToken,
    *,
    on_progress: Callable[[Progress], None],
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Put the file of ``stored.size`` bytes under the target's key. May be repeated.

    Raises Stopped, StorageUnavailable, DiskFull (for any disk error on reading).
    """
    goal = StoredObject(target)
    if ask(lambda: goal.is_there(stored.size), stop):
        return
    with disk.disk_errors():
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        multipart = _begin(fd, goal, stored.size, stop)
        _Sending(fd, multipart, stored.size, stop, on_progress, clock).run()
    finally:
        os.close(fd)


def _begin(fd: int, goal: StoredObject, size: int, stop: StopToken) -> Multipart:
    """Resume the newest unfinished upload of this key, as far as it holds this file's bytes."""
    part_size = part_size_for(size)
    uploads = ask(goal.open_uploads, stop) if size > part_size else []
    try:
        found = ask(lambda: goal.parts(uploads[-1]), stop) if uploads else {}
    except UploadGone:
        uploads, found = [], {}
    same = {n: part for n, part in found.items() if _is_same(fd, part, part_size, size, stop)}
    upload = Upload(goal.key, uploads[-1], part_size) if same else None
    return Multipart(goal, stop, part_size, size, upload, same, hashes=False)


def _is_same(fd: int, part: Part, part_size: int, size: int, stop: StopToken) -> bool:
    """Return if a part is that of the file, by the MD5 that an ETag is (not with some encryption:
    then it is sent again)."""
    stop.check()
    stop.beat()
    start = (part.number - 1) * part_size
    if part.size != min(part_size, size - start):
        return False
    with disk.disk_errors():
        data = os.pread(fd, part.size, start)
    return hashlib.md5(data, usedforsecurity=False).hexdigest() == part.etag.strip('"')


class _Sending:
    def __init__(
        self,
        fd: int,
        multipart: Multipart,
        size: int,
        stop: StopToken,
        on_progress: Callable[[Progress], None],
        clock: Callable[[], float],
    ) -> None:
        self._fd = fd
        self._multipart = multipart
        self._size = size
        self._stop = stop
        self._on_progress = on_progress
        self._clock = clock
        self._meter = Meter(clock=clock)
        self._resumed = self._done()
        self._meter.reset(self._resumed)

    def run(self) -> None:
        try:
            for start, end in missing(self._multipart.stored, self._size):
                self._send(start, end)
            self._multipart.seal(self._size)
            while self._multipart.pending:
                self._wait()
            self._multipart.finish(self._size)
        finally:
            self._multipart.close()
        self._multipart.publish(self._size)

    def _send(self, start: int, end: int) -> None:
        while start < end:
            room = self._multipart.room(start, min(MIB, end - start))
            if room == 0:
                self._wait()
                continue
            with disk.disk_errors():
                data = os.pread(self._fd, room, start)
                if not data:
                    raise OSError("the file is shorter than it was")
            self._stop.check()
            self._multipart.write(start, memoryview(data))
            start += len(data)

    def _wait(self) -> None:
        self._stop.check()
        self._stop.beat()
        self._stop.wait(TICK)
        self._on_progress(self._meter.observe(self._done(), self._size, 0, self._resumed))

    def _done(self) -> int:
        return sum(each.size for each in self._multipart.stored)
