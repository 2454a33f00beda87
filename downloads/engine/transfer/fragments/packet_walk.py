"""A count of the packets of an MPEG-TS fragment (ISO/IEC 13818-1) while it comes. Pure.

A piece that a source or a cache has cut ends within a packet, but for one time in 188.
"""

from __future__ import annotations

from typing import Final

from downloads.engine.core.containers import PACKET_SIZES, SYNC, transport_start

_ENOUGH: Final = 3 * min(PACKET_SIZES)  # bytes to tell the size of the packets by


class PacketWalk:
    """A walk over every byte of a piece, which reads the packets' first bytes. ``is_cut``: the last
    packet is incomplete. Padding is no packet."""

    def __init__(self) -> None:
        self._head = b""
        self._size: int | None = None  # of a packet; 0: these are none
        self._sync = 0  # where the sync byte is in a packet
        self._total = 0
        self._last = -1  # the byte where the sync byte of the last packet should be

    @property
    def is_cut(self) -> bool:
        rest = self._total % self._size if self._size else 0
        return rest > self._sync and self._last == SYNC

    def take(self, data: memoryview) -> None:
        if self._size is None:
            self._head += data
            if len(self._head) < _ENOUGH:
                return
            start = transport_start(self._head, 0)
            self._size = start[1] if start else 0
            self._sync = 4 if self._size == 192 else 0
            data, self._head = memoryview(self._head), b""
        if not self._size:
            return
        begun = self._total
        self._total += len(data)
        place = self._total - self._total % self._size + self._sync
        if begun <= place < self._total:
            self._last = data[place - begun]
