"""The parts of an upload that are in memory: filled by connections, emptied by uploaders.

A bounded pool: when it is used up, ``room`` says so and the connections wait. It holds at least
twice as many buffers as there are connections, and a connection fills one part at a time, so that
there are always full ones to upload.
"""

from __future__ import annotations

import threading
from typing import Final

from downloads.engine.transfer.config import GIB, MIB

SMALLEST: Final = 5 * MIB  # S3's limit for any part but the last
LARGEST: Final = 5 * GIB
MOST_PARTS: Final = 10_000
FEWEST_BUFFERS: Final = 4
BUDGET: Final = 160 * MIB  # for the buffers of one transfer


def part_size_for(size: int) -> int:
    """Return the part size, fixed when the upload is created: R2 needs all parts equal but the
    last."""
    part_size = SMALLEST
    while part_size * MOST_PARTS < size and part_size < LARGEST:
        part_size = min(part_size * 2, LARGEST)
    return part_size


def buffers_for(part_size: int) -> int:
    return max(FEWEST_BUFFERS, BUDGET // part_size)


class FilledPart:
    """A part in memory. ``number`` counts from 1. ``view`` is its received data."""

    __slots__ = ("_buffer", "filled", "hashed", "length", "number", "stored", "submitted")

    def __init__(self, number: int, buffer: bytearray, length: int) -> None:
        self.number = number
        self.length = length
        self.filled = 0
        self.submitted = self.stored = self.hashed = False
        self._buffer = buffer

    @property
    def view(self) -> memoryview:
        return memoryview(self._buffer)[: self.filled]

    def put(self, at: int, data: memoryview) -> None:
        self._buffer[at : at + len(data)] = data


class Parts:
    """The pool of parts. Thread-safe. ``total`` is None while the size is unknown. A buffer is
    released when its part is stored and hashed."""

    def __init__(self, part_size: int, total: int | None, buffers: int) -> None:
        self._part_size = part_size
        self._total = total
        self._buffers = buffers
        self._lock = threading.Lock()
        self._held: dict[int, FilledPart] = {}
        self._idle: list[bytearray] = []
        self._ordered = True

    @property
    def pending(self) -> int:
        """Return the bytes of the parts that are on their way."""
        with self._lock:
            held = self._held.values()
            return sum(part.filled for part in held if part.submitted and not part.stored)

    @property
    def keeps(self) -> bool:
        """Return if there are parts that are kept only to be hashed."""
        with self._lock:
            return any(part.stored for part in self._held.values())

    def room(self, offset: int, most: int) -> int:
        """Return how many bytes may be written at ``offset``; a buffer is taken for them."""
        number = offset // self._part_size + 1
        with self._lock:
            if number not in self._held and len(self._held) >= self._buffers:
                return 0
            self._hold(number)
        return min(most, number * self._part_size - offset)

    def write(self, offset: int, data: memoryview) -> FilledPart | None:
        """Write within one part. Return the part if that has filled it."""
        number, at = divmod(offset, self._part_size)
        with self._lock:
            part = self._hold(number + 1)
        part.put(at, data)
        with self._lock:
            part.filled += len(data)
            return part if part.filled == part.length else None

    def submit(self, part: FilledPart) -> None:
        """Mark a part as on its way."""
        with self._lock:
            part.submitted = True

    def unsubmitted(self) -> list[FilledPart]:
        """Return the received parts that are not on their way, in the order of the bytes."""
        with self._lock:
            left = (part for part in self._held.values() if part.filled and not part.submitted)
            return sorted(left, key=lambda part: part.number)

    def full(self, number: int) -> FilledPart | None:
        """Return a part that is on its way and still in memory."""
        with self._lock:
            part = self._held.get(number)
            return part if part is not None and part.submitted else None

    def stored(self, part: FilledPart) -> None:
        """Mark a part as stored. Its buffer may be reused once it is hashed too."""
        with self._lock:
            part.stored = True
            self._release(part)

    def hashed(self, part: FilledPart) -> None:
        with self._lock:
            part.hashed = True
            self._release(part)

    def forget_order(self) -> None:
        """Give up hashing."""
        with self._lock:
            self._ordered = False
            for part in tuple(self._held.values()):
                self._release(part)

    def clear(self) -> None:
        """Drop all parts: later writes no longer matter."""
        with self._lock:
            self._held.clear()
            self._idle.clear()

    def _release(self, part: FilledPart) -> None:
        done = part.stored and (part.hashed or not self._ordered)
        if done and self._held.pop(part.number, None) is not None:
            self._idle.append(part._buffer)

    def _hold(self, number: int) -> FilledPart:
        part = self._held.get(number)
        if part is None:
            length = self._part_size
            if self._total is not None:
                length = min(length, self._total - (number - 1) * self._part_size)
            buffer = self._idle.pop() if self._idle else bytearray(self._part_size)
            part = self._held[number] = FilledPart(number, buffer, length)
        return part
