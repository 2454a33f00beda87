"""What there is to put together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from downloads.engine.core.media import StreamKind, Window

Blocks = Iterable[bytes]


@dataclass(frozen=True, slots=True)
class FedPiece:
    """What the source cut, a fragment say: the blocks of its bytes.

    ``mark`` counts up where the list says that the clock or the encoding may change. ``init``: a
    header for what follows. ``offset``: seconds from the media's clock to the film's, if told;
    ``window`` as a Fragment's.
    ``name`` is for who reads about it.
    """

    blocks: Blocks
    mark: int = 0
    init: bool = False
    offset: float | None = None
    window: Window | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """A stream that is still being fetched: its parts, each the blocks of its bytes, in order.

    Each part begins with an init of its own where its container has them. Blocks are made when
    they are asked for and may keep their asker waiting, a while at a time: an *empty* block says
    "not yet", and gives it a moment to see whether anybody still wants the next. What the
    iterators raise ends the work and is raised by it. ``count``: how many parts there are.
    It can be read once; ``pieces``, where they are given in place of parts, any number of times.
    ``seconds``: how long it claims to be, 0 where it does not.
    """

    parts: Iterable[Blocks] = ()
    count: int = 1
    pieces: Callable[[], Iterable[FedPiece]] | None = None
    seconds: float = 0.0

    def read(self) -> Iterator[FedPiece]:
        """Its pieces, from the first on."""
        if self.pieces is not None:
            yield from self.pieces()
        else:
            for place, part in enumerate(self.parts):
                yield FedPiece(part, place)


@dataclass(frozen=True, slots=True)
class MediaInput:
    """``container`` is what the source says (``mp4``, ``ts``, ``webm``...); the bytes may know
    better. A path is only read, wherever it is; ``offset`` of one is as a piece's."""

    source: Path | Feed
    kind: StreamKind = StreamKind.MUXED
    container: str = ""
    offset: float | None = None


@dataclass(frozen=True, slots=True)
class SubtitleFile:
    """WebVTT, made by :func:`media.subtitles.to_vtt`. ``language`` is a BCP 47 tag;
    ``automatic``: made by a machine; ``forced``, ``described``: as of a Subtitle. ``inside``: what
    goes into the film, where that is less: no cue is to prolong it."""

    path: Path
    language: str = ""
    name: str = ""
    automatic: bool = False
    forced: bool = False
    described: bool = False
    inside: Path | None = None
