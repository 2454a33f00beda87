"""Feeds, each written into a named pipe by a thread while ffmpeg reads.

Named, because the jail can open files in its folder and inherits nothing.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import select
import stat
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from downloads.engine.core.errors import InternalError

_LOOK: Final = 50  # milliseconds between two checks that ffmpeg still runs
_ROOM: Final = 1024 * 1024  # capacity of the pipe in bytes, if the system can change it
_JOIN: Final = 2.0  # seconds; a source that does not answer blocks its own thread alone


class Feeder:
    """One feed. ``fed`` counts bytes; ``waits`` while the source has nothing.

    It ends with its blocks, with ffmpeg (a broken pipe: ffmpeg reports the cause) and with
    ``close``. If the source raises, the pipe stays open, so that ffmpeg does not take this for the
    end.
    """

    def __init__(self, pipe: Path, blocks: Iterable[bytes]) -> None:
        os.mkfifo(pipe, 0o600)
        self._pipe = pipe
        self._blocks = blocks
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="feeder", daemon=True)
        self.error: BaseException | None = None
        self.fed = 0
        self.waits = False
        self._thread.start()

    def close(self) -> None:
        """Abandon the rest: ffmpeg has ended."""
        self._over.set()
        self._thread.join(_JOIN)

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def _run(self) -> None:
        try:
            descriptor = self._open()
        except OSError as error:
            self.error = InternalError(f"feeding ffmpeg: {error.strerror}")
            return
        if descriptor is None:
            return
        try:
            self._feed(descriptor)
        except BaseException as error:  # noqa: BLE001 - raised again by the thread that runs ffmpeg
            self.error = error
            self._over.wait()
        finally:
            os.close(descriptor)

    def _open(self) -> int | None:
        """Open the pipe once ffmpeg has opened the other end. The jailed process may tamper with
        the path."""
        flags = os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
        while not self._over.is_set():
            try:
                descriptor = os.open(self._pipe, flags)
            except OSError as error:
                if error.errno != errno.ENXIO:
                    raise
                self._over.wait(_LOOK / 1000 / 5)
                continue
            if not stat.S_ISFIFO(os.fstat(descriptor).st_mode):
                os.close(descriptor)
                raise OSError(errno.EINVAL, "the pipe is none any more")
            return descriptor
        return None

    def _feed(self, descriptor: int) -> None:
        if hasattr(fcntl, "F_SETPIPE_SZ"):
            with contextlib.suppress(OSError):  # the system's limit for this user
                fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, _ROOM)
        ready = select.poll()
        ready.register(descriptor, select.POLLOUT)
        for block in self._taken():
            left = memoryview(block)
            while left and not self._over.is_set():
                if ready.poll(_LOOK):
                    written = self._write(descriptor, left)
                    if written is None:
                        return
                    left = left[written:]
            if self._over.is_set():
                return

    def _taken(self) -> Iterator[bytes]:
        self.waits = True
        for block in self._blocks:
            self.waits = not block
            yield block
            self.waits = True
        self.waits = False

    def _write(self, descriptor: int, left: memoryview) -> int | None:
        """Write and return the number of bytes written; None if ffmpeg has closed its end."""
        try:
            written = os.write(descriptor, left)
        except BlockingIOError:
            return 0
        except BrokenPipeError:
            return None
        self.fed += written
        return written
