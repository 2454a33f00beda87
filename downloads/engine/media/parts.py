"""Pieces of a stream, joined to parts: a part is playable by one decoder on one clock.

Discontinuities in the list are claims. Pieces that continue where the last one ended, with equal
encoding, are one part, whatever mark is between them; if the clock jumps or the encoding changes, a
new part begins, even without a mark.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from downloads.engine.core.containers import container_of, has_header, tag_length
from downloads.engine.core.errors import BadManifest, Incomplete
from downloads.engine.core.media import Window
from downloads.engine.media import cut_transport
from downloads.engine.media.formats import HEAD
from downloads.engine.media.inputs import FedPiece
from downloads.engine.media.scan import PieceSpan, Scanner, TrackSpan
from downloads.engine.media.scan_mp4 import FragmentedScanner
from downloads.engine.media.scan_packed import PackedScanner
from downloads.engine.media.scan_ts import TransportScanner, has_pes
from downloads.engine.media.scan_webm import ClusterScanner

_LOOK: Final = 2 * 1024 * 1024  # bytes of a piece that are read ahead to see its clock
_HOLE: Final = 0.3  # seconds that may be missing at a mark if the clock continues
_UNHEARD: Final = 0.1  # seconds: the decoder gets no time of packed audio
_JUMP: Final = 10.0  # seconds: a longer jump, without a mark, is another clock, not a hole
_SCANNERS: Final[Mapping[str, Callable[[], Scanner]]] = {
    "ts": TransportScanner,
    "mp4": FragmentedScanner,
    "webm": ClusterScanner,
    "mkv": ClusterScanner,
    "aac": PackedScanner,
    "mp3": PackedScanner,
    "ac3": PackedScanner,
}


class ClockJumps(Exception):
    """A presumed single part is several: it must be read again, part by part."""


@dataclass(slots=True)
class FilmPart:
    """One part. Read ``blocks`` to the end before requesting the next part.

    ``continues``: on the clock of the part before it. ``clock``: the begin of packed audio, which
    has no other clock. ``window`` as in a Fragment. ``spans`` of its pieces, with their names, grow
    as it is read.
    """

    mark: int
    offset: float | None
    continues: bool
    scanner: Scanner | None
    blocks: Iterator[bytes] = field(default_factory=lambda: iter(()))
    clock: float | None = None
    window: Window | None = None
    spans: list[tuple[str, PieceSpan]] = field(default_factory=list)

    @property
    def has_all(self) -> bool:
        """Return if every declared track has begun."""
        if self.scanner is None:
            return True
        seen: set[int] = set()
        for _, span in self.spans:
            seen |= span.tracks.keys()
        return self.scanner.expected <= seen


@dataclass(slots=True)
class _Opened:
    """A piece whose head has been read, so that its kind and begin are known. ``leads``: it is a
    header, or holds no media, and the piece after it has been opened too."""

    piece: FedPiece
    head: list[bytes]
    rest: Iterator[bytes]
    span: PieceSpan
    shape: Hashable
    clock: float | None
    leads: bool = False


class FilmParts:
    """The parts of one stream, in order. ``is_one``: it is presumed to be one part; its blocks
    raise ClockJumps if it is several."""

    def __init__(self, pieces: Iterator[FedPiece], *, is_one: bool = False) -> None:
        self._pieces = pieces
        self._is_one = is_one
        self._container = ""
        self._scanner: Scanner | None = None
        self._next: list[_Opened] = []  # the first pieces of the next part
        self._ends: dict[int, TrackSpan] = {}  # of the tracks so far
        self._last: FilmPart | None = None
        self._inits: list[bytes] = []  # the header of the current pieces
        self._shape: Hashable = None
        self._mark = 0

    def __iter__(self) -> Iterator[FilmPart]:
        while (part := self.begin()) is not None:
            yield part
            for _ in part.blocks:
                pass  # skip the unread rest of the part before

    def begin(self) -> FilmPart | None:
        """Return the next part; None after the last. Raises what reading raises."""
        opened, self._next = self._next or self._group(), []
        if not opened:
            return None
        first = opened[-1]
        continues = self._goes_on(first, by_kind=True)
        part = FilmPart(first.piece.mark, first.piece.offset, continues, self._scanner)
        part.clock, part.window = first.clock, first.piece.window
        part.spans.append((first.piece.name, first.span))
        part.blocks = self._blocks(part, opened)
        self._last, self._ends = part, {}
        self._shape, self._mark = first.shape, first.piece.mark
        return part

    def _blocks(self, part: FilmPart, opened: list[_Opened]) -> Iterator[bytes]:
        if len(opened) == 1 and not has_header(b"".join(opened[0].head)):
            yield from self._inits  # the list does not repeat the header at a jump of the clock
        else:
            self._inits = []
        for each in opened:
            for block in self._through(each):
                if each.piece.init:
                    self._inits.append(block)
                yield block
        while opened := self._group():
            if not self._belongs(opened[-1]):
                self._next = opened
                if self._is_one:
                    raise ClockJumps
                return
            part.spans.append((opened[-1].piece.name, opened[-1].span))
            self._mark = opened[-1].piece.mark
            yield from self._through(opened[-1])  # the same init again is not needed

    def _through(self, opened: _Opened) -> Iterator[bytes]:
        blocks = self._taken(opened)
        # what comes before a piece has been read already, and the scanner is in the piece by now
        scanner = None if opened.leads else self._scanner
        if isinstance(scanner, TransportScanner | PackedScanner):
            yield from cut_transport.ended_well(blocks, scanner)
            opened.span.is_cut = scanner.unfinished > 0
        else:
            yield from blocks
        if isinstance(scanner, FragmentedScanner) and scanner.ends_within:
            raise _cut_short(opened.piece)
        self._check(opened.piece)
        self._ends |= opened.span.tracks

    def _taken(self, opened: _Opened) -> Iterator[bytes]:
        yield from opened.head
        for block in opened.rest:
            if self._scanner is not None:
                self._scanner.take(block)
            yield block

    def _group(self) -> list[_Opened]:
        """Return the next piece, preceded by inits and pieces without media; empty at the end."""
        opened = []
        for piece in self._pieces:
            opened.append(self._open(piece))
            if not piece.init and not self._is_hollow(opened[-1]):
                return opened
            opened[-1].leads = True
        return []  # a header with nothing after it

    def _is_hollow(self, opened: _Opened) -> bool:
        """Return if a piece of MPEG-TS holds only tables, as some begin with
        (video-dev/hls.js#2018)."""
        if not isinstance(self._scanner, TransportScanner) or opened.span.tracks:
            return False
        return not has_pes(b"".join(opened.head))

    def _open(self, piece: FedPiece) -> _Opened:
        """Read on until each track of the piece has begun."""
        blocks, head, size, span = iter(piece.blocks), [], 0, PieceSpan()
        for block in blocks:
            if block and not size:
                span = self._begin_piece(block)
            head.append(block)
            size += len(block)
            if self._scanner is None or (block and self._has_begun(block, span)) or size > _LOOK:
                break
        self._check(piece)
        if isinstance(self._scanner, PackedScanner):
            head = _without_tag(head)
        shape = (self._container, self._scanner.shape if self._scanner else None)
        clock = self._scanner.clock if isinstance(self._scanner, PackedScanner) else None
        return _Opened(piece, head, blocks, span, shape, clock)

    def _begin_piece(self, block: bytes) -> PieceSpan:
        container = container_of(block[:HEAD])
        if container != self._container:
            self._container = container
            kind = _SCANNERS.get(container)
            self._scanner = kind() if kind else None
            if isinstance(self._scanner, FragmentedScanner):
                self._scanner.begin()
                for kept in self._inits:  # the header stays valid after an inserted piece
                    self._scanner.take(kept)
        return self._scanner.begin() if self._scanner else PieceSpan()

    def _check(self, piece: FedPiece) -> None:
        if isinstance(self._scanner, FragmentedScanner) and self._scanner.contradiction:
            raise _contradiction(piece, self._scanner.contradiction)

    def _has_begun(self, block: bytes, span: PieceSpan) -> bool:
        assert self._scanner is not None
        self._scanner.take(block)
        return bool(span.tracks) and self._scanner.expected <= span.tracks.keys()

    def _belongs(self, opened: _Opened) -> bool:
        """Return if the piece belongs to the current part."""
        if opened.shape != self._shape:
            return False
        return self._goes_on(opened, by_kind=False)

    def _goes_on(self, opened: _Opened, *, by_kind: bool) -> bool:
        """Return if the piece continues the clock of those before; if it has no clock, by the shape
        alone."""
        last = self._last
        if last is None or opened.piece.offset != last.offset:
            return False
        if not by_kind and opened.piece.window != last.window:
            return False
        gaps = self._gaps(opened, by_kind=by_kind)
        if not gaps:
            return not by_kind
        most = _HOLE if opened.piece.mark != self._mark else _JUMP
        if isinstance(self._scanner, PackedScanner) and not by_kind:
            most = _UNHEARD
        return (
            all(from_last > 0 for from_last, _ in gaps)
            and min(from_end for _, from_end in gaps) <= most
        )

    def _gaps(self, opened: _Opened, *, by_kind: bool) -> list[tuple[float, float]]:
        """Return for each track the seconds from its last packet, and from its end, to the
        continuation."""
        ends: dict[object, TrackSpan] = {}
        for number, track in self._ends.items():
            ends.setdefault(track.kind if by_kind else number, track)
        gaps = []
        for number, track in opened.span.tracks.items():
            before = ends.get(track.kind if by_kind else number)
            if before is not None:
                gaps.append(
                    (
                        self._around(track.first - before.last),
                        self._around(track.first - before.next),
                    )
                )
        return gaps

    def _around(self, gap: float) -> float:
        period = self._scanner.period if self._scanner else None
        if period is None:
            return gap
        return (gap + period / 2) % period - period / 2


def _without_tag(head: list[bytes]) -> list[bytes]:
    """Return packed audio without its tag, which in the middle of a stream is a frame that no
    player can decode (RFC 8216, 3.4)."""
    whole = b"".join(head)
    return [whole[tag_length(whole) :]]


def _contradiction(piece: FedPiece, cause: str) -> BadManifest:
    return BadManifest(
        f"{piece.name}: {cause}",
        message=f"The site's playlist is broken: {cause}, so its parts cannot be read. "
        "Try another quality.",
    )


def _cut_short(piece: FedPiece) -> Incomplete:
    """Return the error for a cut piece: everything demuxed after an incomplete box is lost."""
    return Incomplete(
        f"{piece.name}: it ends within a box",
        message="A part of the media ends too early on the site. Retry later.",
    )
