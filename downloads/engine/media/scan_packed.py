"""The clock of packed audio (RFC 8216, section 3.4): the tag in front of each piece. Pure."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final

from downloads.engine.core.containers import tag_clock, tag_length
from downloads.engine.media.scan import PieceSpan

_HEAD: Final = 64 * 1024  # bytes
_PERIOD: Final = 2**33 / 90_000


class PackedScanner:
    """See ``scan.Scanner``. ``clock``: when the piece begins, by its tag; None without one."""

    period: float | None = _PERIOD

    def __init__(self) -> None:
        self._head = b""
        self._looks: Hashable = None
        self.clock: float | None = None

    @property
    def shape(self) -> Hashable:
        return ("packed", self._looks)

    @property
    def expected(self) -> frozenset[int]:
        return frozenset()

    def begin(self) -> PieceSpan:
        self._head, self.clock = b"", None
        return PieceSpan()

    def take(self, block: bytes) -> None:
        if len(self._head) >= _HEAD:
            return
        self._head += block[:_HEAD]
        self.clock = tag_clock(self._head)
        frame = self._head[tag_length(self._head) :]
        if len(frame) >= 5:
            self._looks = _looks(frame)


def _looks(frame: bytes) -> Hashable:
    """What stays from frame to frame: codec, profile, rate, channels."""
    if frame.startswith(b"\x0b\x77"):
        return ("ac3", frame[4] >> 6)
    if frame[0] == 0xFF and frame[1] & 0xF6 == 0xF0:
        return ("aac", frame[2] & 0xFD, frame[3] & 0xC0)
    return ("mp3", frame[1] & 0xFE, frame[2] & 0x0C)
