"""One connection of a transfer: requested on a thread, drained by the reactor."""

from __future__ import annotations

import contextlib
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

from downloads.engine.egress.client import DetachedSocket
from downloads.engine.transfer.config import KIB
from downloads.engine.transfer.drain import HELD_UP, SocketDrain
from downloads.engine.transfer.job import AnyJob
from downloads.engine.transfer.receiver import Receiver

READ_SIZE = 256 * KIB

R = TypeVar("R", bound=Receiver)


class Body(Protocol):
    """The body of an answer."""

    def detach(self) -> DetachedSocket | None: ...
    def read_into(self, view: memoryview) -> int: ...
    def close(self) -> None: ...


class Connection(ABC, Generic[R]):
    """A request and its answer's body. ``on_end(connection, error)`` is called once, from any
    thread.

    ``close()`` never waits: nothing more is written, and the socket follows when its thread
    notices.
    """

    def __init__(self, job: AnyJob, on_end: Callable[[Any, Exception | None], None]) -> None:
        self._machinery = job.machinery
        self._stop = job.stop
        self._on_end = on_end
        self._began_at = job.clock()
        self._lock = threading.Lock()
        self._closed = False
        self._drain: SocketDrain | None = None
        self._receiver: R | None = None

    @property
    def is_writing(self) -> bool:
        return self._receiver is not None and self._receiver.is_writing

    @property
    def held_seconds(self) -> float:
        """Return the seconds that the rate limit or the sink held it back."""
        return 0.0 if self._drain is None else self._drain.held_seconds

    @property
    def moved_at(self) -> float:
        """Return the time of the last progress; before the body began, that of its start."""
        return self._began_at if self._receiver is None else self._receiver.moved_at

    @abstractmethod
    def close(self) -> None:
        """Have nothing more written, then call ``_drop``."""

    def _drop(self) -> None:
        with self._lock:
            self._closed = True
            drain = self._drain
        if drain is not None:
            self._machinery.reactor.drop(drain)

    def _start(self, work: Callable[[], bool]) -> None:
        threading.Thread(
            target=self._run, args=(work,), name="transfer-connection", daemon=True
        ).start()

    def _run(self, work: Callable[[], bool]) -> None:
        try:
            ended = work()
        except Exception as error:  # noqa: BLE001
            # It crosses to the transfer's thread, which raises or retries it.
            self._ended(error)
        else:
            if ended:
                self._ended(None)

    def _ended(self, error: Exception | None) -> None:
        self._on_end(self, error)

    def _receive(self, body: Body, receiver: Callable[[], R], *, waits: bool = True) -> bool:
        """Pass the body on to ``receiver()``, unless closed. Return True if it was read to its end
        here; False if the reactor drains it, or a thread: ``waits`` is False if this one must
        not."""
        with contextlib.ExitStack() as undo:
            undo.callback(body.close)
            with self._lock:
                if self._closed:
                    return True
                self._receiver = received = receiver()
                detached = body.detach()
                if detached is not None:
                    self._drain = SocketDrain(detached, received, self._machinery, self._ended)
            if self._drain is None and waits:
                self._read(body, received)
                return True
            undo.pop_all()
        if self._drain is None:
            self._start(lambda: self._read_to_end(body, received))
        else:
            self._drain.start()
        return False

    def _read_to_end(self, body: Body, receiver: Receiver) -> bool:
        with contextlib.closing(body):
            self._read(body, receiver)
        return True

    def _read(self, body: Body, receiver: Receiver) -> None:
        """Read a body without a plain form of known length here, which is slower."""
        limiter = self._machinery.limiter
        buffer = memoryview(bytearray(READ_SIZE))
        while wanted := receiver.room(len(buffer)):
            wanted = receiver.grant(wanted)
            if wanted == 0:
                self._pause(HELD_UP)
                continue
            granted = limiter.take(wanted)
            if granted == 0:
                receiver.waits()
                self._pause(min(0.1, max(0.001, limiter.delay())))
                continue
            count = body.read_into(buffer[:granted])
            limiter.give_back(granted - count)
            if count == 0:
                break
            receiver.put(buffer[:count])
        receiver.end_of_body()

    def _pause(self, seconds: float) -> None:
        self._stop.wait(seconds)
        self._stop.check()
