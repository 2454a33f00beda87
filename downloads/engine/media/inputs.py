"""The inputs of a mux."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from downloads.engine.core.media import StreamKind, Window

Blocks = Iterable[bytes]


@dataclass(frozen=True, slots=True)
class FedPiece:
    """A piece as the source cut it, a fragment for example: the blocks of its bytes.

    ``mark`` increases when the list announces that the clock or the encoding may change. ``init``:
    a header for the following pieces. ``offset``: seconds from the media's clock to the film's, if
    given; ``window`` as in a Fragment. ``name``: for notes and logs.
    """

    blocks: Blocks
    mark: int = 0
    init: bool = False
    offset: float | None = None
    window: Window | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """A stream that is still being fetched: its parts in order, each as blocks of bytes.

    Each part begins with its own init if its container has them. Blocks are produced on request and
    may block for a while: an *empty* block means "not yet", and lets the reader check if the next
    is still needed. An error of the iterators ends the work and is raised by it. ``count``: the
    number of parts. It can be read once; ``pieces``, if given in place of parts, any number of
    times. ``seconds``: its declared length, 0 without one.
    """

    parts: Iterable[Blocks] = ()
    count: int = 1
    pieces: Callable[[], Iterable[FedPiece]] | None = None
    seconds: float = 0.0

    def read(self) -> Iterator[FedPiece]:
        """Yield its pieces, from the first on."""
        if self.pieces is not None:
            yield from self.pieces()
        else:
            for place, part in enumerate(self.parts):
                yield FedPiece(part, place)


@dataclass(frozen=True, slots=True)
class MediaInput:
    """A file or a feed. ``container``: as declared by the source (``mp4``, ``ts``, ``webm``...);
    the bytes take precedence. A path is only read, wherever it is; ``offset`` as in FedPiece."""

    source: Path | Feed
    kind: StreamKind = StreamKind.MUXED
    container: str = ""
    offset: float | None = None


@dataclass(frozen=True, slots=True)
class SubtitleFile:
    """WebVTT, made by :func:`media.subtitles.to_vtt`. ``language`` is a BCP 47 tag; ``automatic``:
    made by a machine; ``forced``, ``described``: as in a Subtitle. ``inside``: the file to embed,
    if that has fewer cues: none may prolong the film."""

    path: Path
    language: str = ""
    name: str = ""
    automatic: bool = False
    forced: bool = False
    described: bool = False
    inside: Path | None = None
