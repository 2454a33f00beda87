"""The clocks of incoming media: the begin and end of each track of a piece. Pure.

Only packet and box headers are read, to decide which pieces may be joined; finished files are
measured by ffmpeg. Times are in seconds on the source's own clock.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Final, Protocol

VIDEO: Final = "video"
AUDIO: Final = "audio"


@dataclass(slots=True)
class TrackSpan:
    """One track in one piece. ``first`` and ``last`` are decoding times, ``next`` is the
    approximate one after the last; ``count`` of packets by the container."""

    kind: str
    first: float
    last: float
    next: float
    count: int = 0


@dataclass(slots=True)
class PieceSpan:
    """The tracks of one piece. ``tracks`` by the container's own numbers; empty if it has no times.
    ``jumps``: their clock jumps within the piece. ``is_cut``: the container shows that its end is
    missing. ``is_counted``: the counts of its tracks are exact, each of a packet that is not
    empty."""

    tracks: dict[int, TrackSpan] = field(default_factory=dict)
    jumps: bool = False
    is_cut: bool = False
    is_counted: bool = False


class Scanner(Protocol):
    """A reader of one stream, piece after piece.

    ``shape``: the decoder's setup; equal if pieces may be joined. ``expected``: the declared tracks
    of the stream. ``period``: seconds after which the clock wraps.
    """

    period: float | None

    @property
    def shape(self) -> Hashable: ...

    @property
    def expected(self) -> frozenset[int]: ...

    def begin(self) -> PieceSpan:
        """Begin a piece; the result is filled in as its blocks are taken."""

    def take(self, block: bytes) -> None: ...
