"""The clock of packed audio (RFC 8216, section 3.4): the tag at the begin of each piece. Pure."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final

from downloads.engine.core.adts import AdtsWalk
from downloads.engine.core.containers import tag_clock, tag_length
from downloads.engine.media.scan import AUDIO, PieceSpan, TrackSpan

_HEAD: Final = 64 * 1024  # bytes
_PERIOD: Final = 2**33 / 90_000


class PackedScanner:
    """A ``scan.Scanner`` of packed audio. ``clock``: the begin of the piece, by its tag; None
    without one.

    The frames of AAC are counted: the clock continues over pieces without a tag.
    """

    period: float | None = _PERIOD

    def __init__(self) -> None:
        self._head = b""
        self._looks: Hashable = None
        self._frames = AdtsWalk()
        self._span = PieceSpan()
        self._next: float | None = None  # when the next piece should begin
        self.clock: float | None = None

    @property
    def shape(self) -> Hashable:
        return ("packed", self._looks)

    @property
    def expected(self) -> frozenset[int]:
        return frozenset()

    @property
    def unfinished(self) -> int:
        """Return the bytes of the last frame so far, if it is incomplete."""
        return self._frames.unfinished

    def begin(self) -> PieceSpan:
        track = self._span.tracks.get(0)
        self._next = track.next if track else None
        self._head, self.clock = b"", None
        self._frames, self._span = AdtsWalk(), PieceSpan()
        return self._span

    def take(self, block: bytes) -> None:
        self._frames.take(block)
        if len(self._head) < _HEAD:
            self._head += block[:_HEAD]
            self.clock = tag_clock(self._head)
            frame = self._head[tag_length(self._head) :]
            if len(frame) >= 5:
                self._looks = _looks(frame)
        self._measure()

    def _measure(self) -> None:
        first, frames = self._next if self.clock is None else self.clock, self._frames
        if first is None or frames.is_lost or not frames.count:
            self._span.tracks.clear()
            return
        end = first + frames.count * frames.seconds
        track = TrackSpan(AUDIO, first, end - frames.seconds, end, frames.count)
        self._span.tracks[0] = track


def _looks(frame: bytes) -> Hashable:
    """Return the constants of all frames: codec, profile, rate, channels."""
    if frame.startswith(b"\x0b\x77"):
        return ("ac3", frame[4] >> 6)
    if frame[0] == 0xFF and frame[1] & 0xF6 == 0xF0:
        return ("aac", frame[2] & 0xFD, frame[3] & 0xC0)
    return ("mp3", frame[1] & 0xFE, frame[2] & 0x0C)
