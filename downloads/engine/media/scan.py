"""The clocks of media as it comes: when each track of a piece begins and ends. Pure.

Only packet and box headers are looked at, to decide what may be appended to what; what is in a
file is measured by ffmpeg. Times are in seconds on the source's own clock.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Final, Protocol

VIDEO: Final = "video"
AUDIO: Final = "audio"


@dataclass(slots=True)
class TrackSpan:
    """One track in one piece. ``first`` and ``last`` are decoding times, ``next`` is the one to
    come after the last, about; ``count`` of packets by the container."""

    kind: str
    first: float
    last: float
    next: float
    count: int = 0


@dataclass(slots=True)
class PieceSpan:
    """``tracks`` by the container's own numbers; empty where nothing tells the time. ``jumps``:
    their clock does, within the piece. ``is_cut``: the container tells that its end is missing.
    ``is_counted``: the counts of its tracks are exact, each of a packet that is not empty."""

    tracks: dict[int, TrackSpan] = field(default_factory=dict)
    jumps: bool = False
    is_cut: bool = False
    is_counted: bool = False


class Scanner(Protocol):
    """Reads one stream, piece after piece.

    ``shape``: what a decoder is set up by; equal where pieces may be appended. ``expected``: the
    tracks that the stream says it has. ``period``: seconds after which the clock begins again.
    """

    period: float | None

    @property
    def shape(self) -> Hashable: ...

    @property
    def expected(self) -> frozenset[int]: ...

    def begin(self) -> PieceSpan:
        """A new piece; the value is filled in as its blocks are taken."""

    def take(self, block: bytes) -> None: ...
