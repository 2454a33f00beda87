"""A sink and a checkpoint store in memory: nothing of them survives the process."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from typing import Generic, TypeVar

from downloads.engine.core.byte_range import ByteRange
from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import TooLarge
from downloads.engine.transfer.checkpoint import Checkpoint
from downloads.engine.transfer.sinks.base import UNLIMITED, Stored

C = TypeVar("C")


class MemorySink:
    """A sink in memory. ``cap`` is in bytes; larger data raises TooLarge before it is held."""

    alignment = 4096
    segment_size = None
    most_connections = UNLIMITED
    pending = 0
    upload = None
    write_from = None

    def __init__(self, cap: int, stop: StopToken | None = None) -> None:
        self._cap = cap
        self._stop = stop or StopToken()
        self._lock = threading.Lock()
        self._data = bytearray()

    @property
    def data(self) -> bytes:
        return bytes(self._data)

    @property
    def part(self) -> tuple[str, int]:
        return "", 0

    def open(self, total: int | None, checkpoint: Checkpoint | None) -> Sequence[ByteRange]:
        self._check_cap(total or 0)
        self._data = bytearray(total or 0)
        return ()

    def room(self, offset: int, most: int) -> int:
        return most

    def write_at(self, offset: int, data: memoryview) -> None:
        self._stop.check()
        end = offset + len(data)
        self._check_cap(end)
        with self._lock:
            if end > len(self._data):
                self._data.extend(bytes(end - len(self._data)))
            self._data[offset:end] = data

    def settle(self, prefix: int) -> int:
        return prefix  # hashed at the end: it is small

    def flush(self, written: Sequence[ByteRange]) -> Sequence[ByteRange]:
        return written

    def saved(self) -> None:
        """Do nothing: there are no older generations."""

    def finish(self, size: int) -> Stored:
        del self._data[size:]
        return Stored(size, hashlib.sha256(self._data).hexdigest())

    def close(self) -> None:
        """Do nothing: the bytes stay readable in ``data``."""

    def abort(self) -> None:
        self._data = bytearray()

    def _check_cap(self, size: int) -> None:
        if size > self._cap:
            raise TooLarge(f"{size} bytes do not fit into a memory sink of {self._cap}")


class MemoryCheckpointStore(Generic[C]):
    def __init__(self, checkpoint: C | None = None) -> None:
        self._checkpoint = checkpoint

    def load(self) -> C | None:
        return self._checkpoint

    def save(self, checkpoint: C) -> None:
        self._checkpoint = checkpoint
