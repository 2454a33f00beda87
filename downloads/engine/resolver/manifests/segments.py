"""Inside the jail: the segments of one representation in one period.

SegmentTemplate, SegmentList and SegmentBase may be on a period, a set and a representation; of one
kind the nearest wins, attribute by attribute (ISO/IEC 23009-1, 5.3.9.1).
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction

from downloads.engine.egress import url_text
from downloads.engine.resolver.manifests import timeline
from downloads.engine.resolver.manifests.document import Node
from downloads.engine.resolver.manifests.errors import ManifestError, ManifestTooLarge
from downloads.engine.resolver.manifests.limits import MAX_SEGMENTS
from downloads.engine.resolver.manifests.numbers import byte_range, number, positive, whole
from downloads.engine.resolver.manifests.timeline import SegmentRun, Ticks, TimelineWindow
from downloads.engine.resolver.manifests.url_template import UrlTemplate

# Of several at one level the first counts, as for dash.js and shaka.
_KINDS = ("SegmentBase", "SegmentList", "SegmentTemplate")

_NONE = 0.001  # seconds: a shorter rest counts as empty

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class MpdPiece:
    """A piece of a representation. ``reference`` is relative to the representation's bases; empty
    for the base itself. ``optional``: it may be missing without a loss of media. ``index``: the
    byte range of the file's own index, by which a part of it can be located."""

    reference: str
    span: Span | None = None
    seconds: float = 0.0
    init: bool = False
    optional: bool = False
    index: Span | None = None


@dataclass(frozen=True, slots=True)
class PeriodClock:
    """The clock of a period. ``length`` in seconds, None if not known. ``frame``: about the longest
    of its media, in seconds: a rounded length is off by no more."""

    length: Fraction | None
    is_last: bool = True
    frame: Fraction = Fraction(1, 20)


@dataclass(frozen=True, slots=True)
class Segmenting:
    """The elements that define the segments, the nearest first; all of one kind."""

    elements: tuple[Node, ...] = ()

    def under(self, holder: Node) -> Segmenting:
        for kind in _KINDS:
            found = holder.first(kind)
            if found is not None:
                same = tuple(each for each in self.elements if each.name == kind)
                return Segmenting((found, *same))
        return self

    @property
    def kind(self) -> str:
        return self.elements[0].name if self.elements else ""

    def get(self, name: str) -> str | None:
        found = (each.get(name) for each in self.elements)
        return next((value for value in found if value is not None), None)

    def child(self, name: str) -> Node | None:
        found = (each.first(name) for each in self.elements)
        return next((each for each in found if each is not None), None)

    @property
    def timescale(self) -> Ticks:
        return positive(self.get("timescale")) or 1

    @property
    def offset(self) -> Fraction:
        """The offset in seconds: the moment of the media's clock at which the period begins."""
        return Fraction(number(self.get("presentationTimeOffset")) or 0) / self.timescale


@dataclass(frozen=True, slots=True)
class Segments(ABC):
    """Segments of a representation. ``count`` of the media. ``offset`` as of Segmenting;
    ``seconds``: their total length. ``gaps``: (start, length), in seconds of the period."""

    count: int
    offset: Fraction = Fraction()
    seconds: Fraction | None = None
    gaps: tuple[tuple[float, float], ...] = ()

    @property
    def is_file(self) -> bool:
        """Return if it is one file, including its header."""
        return False

    @abstractmethod
    def pieces(self) -> Iterator[MpdPiece]:
        """Yield the header, if it is apart, and the media in playing order."""


@dataclass(frozen=True, slots=True)
class FileSegments(Segments):
    """A whole file; ``init``: its header, if that is another file. ``index`` as of MpdPiece."""

    init: MpdPiece | None = None
    reference: str = ""
    index: Span | None = None

    @property
    def is_file(self) -> bool:
        return self.init is None and not self.reference

    def pieces(self) -> Iterator[MpdPiece]:
        if self.init is not None:
            yield self.init
        yield MpdPiece(self.reference, seconds=float(self.seconds or 0), index=self.index)


@dataclass(frozen=True, slots=True)
class ListSegments(Segments):
    init: MpdPiece | None = None
    urls: tuple[Node, ...] = ()
    lengths: tuple[float, ...] = ()

    def pieces(self) -> Iterator[MpdPiece]:
        if self.init is not None:
            yield self.init
        for url, length in zip(self.urls, self.lengths, strict=True):
            yield MpdPiece(url.get("media") or "", _span(url.get("mediaRange")), length)


@dataclass(frozen=True, slots=True)
class TemplateSegments(Segments):
    init: MpdPiece | None = None
    template: UrlTemplate = field(default_factory=lambda: UrlTemplate(""))
    identity: tuple[str, int | None] = ("", None)
    runs: tuple[SegmentRun, ...] = ()
    timescale: Ticks = 1
    first: int = 1
    tolerated: Ticks = 0  # ticks: a last segment no longer than this may be missing

    def pieces(self) -> Iterator[MpdPiece]:
        if self.init is not None:
            yield self.init
        id_, bandwidth = self.identity
        values: dict[str, int | str | None] = {"RepresentationID": id_, "Bandwidth": bandwidth}
        following, scale = self.first, Fraction(self.timescale)
        for run in self.runs:
            following = following if run.numbered is None else run.numbered
            pieces = run.pieces if self.template.names("SubNumber") else 0
            usual = float(run.length / scale) / max(1, pieces)
            for place in range(run.count):
                values["Number"] = following + place
                values["Time"] = int(run.start + place * run.length)
                length, optional = (_NONE, True) if run.beyond else (usual, False)
                if run.tail is not None and place == run.count - 1:
                    length = max(_NONE, float(run.tail / scale) / max(1, pieces))
                    optional = run.tail <= self.tolerated
                for sub in range(1, pieces + 1) or (None,):
                    values["SubNumber"] = sub
                    yield MpdPiece(self.template.fill(values), None, length, optional=optional)
            following += run.count


def segments_of(
    segmenting: Segmenting, identity: tuple[str, int | None], clock: PeriodClock, base: str
) -> Segments:
    """Return the segments of the representation of ``identity`` (id, bandwidth) at ``base``.

    Raises ManifestError, ManifestTooLarge.
    """
    if segmenting.kind == "SegmentTemplate":
        return _by_template(segmenting, identity, clock)
    if segmenting.kind == "SegmentList":
        return _by_list(segmenting, clock)
    init = _initialization(segmenting)
    if init is not None and url_text.join(base, init.reference) == base:
        init = None  # it is in the file itself
    index = byte_range(segmenting.get("indexRange") or "")
    return FileSegments(1, segmenting.offset, clock.length, init=init, index=index)


def _by_template(
    segmenting: Segmenting, identity: tuple[str, int | None], clock: PeriodClock
) -> Segments:
    media, init = segmenting.get("media"), _initialization(segmenting, identity)
    if media is None:
        raise ManifestError("a template without media")
    template = UrlTemplate(media)
    first = whole(segmenting.get("startNumber"))
    found = TemplateSegments(
        count=0,
        offset=segmenting.offset,
        init=init,
        template=template,
        identity=identity,
        timescale=segmenting.timescale,
        first=1 if first is None else first,
    )
    lines = segmenting.child("SegmentTimeline")
    if lines is not None and lines.first("S") is not None:
        return _in_time(found, lines, segmenting, clock)
    if segmenting.get("duration") is not None or segmenting.get("endNumber") is not None:
        return _counted(found, segmenting, clock)
    if template.names("Number", "Time", "SubNumber"):
        raise ManifestError("a template that tells no number of segments")
    id_, bandwidth = identity
    reference = template.fill({"RepresentationID": id_, "Bandwidth": bandwidth})
    return FileSegments(1, segmenting.offset, clock.length, init=init, reference=reference)


def _in_time(
    found: TemplateSegments, lines: Node, segmenting: Segmenting, clock: PeriodClock
) -> TemplateSegments:
    window = _window(segmenting, clock)
    runs, before = timeline.runs_of(lines, window)
    last = whole(segmenting.get("endNumber"))
    if last is not None:
        runs = _up_to(runs, last - found.first - before + 1)
    scale, begins = Fraction(window.timescale), window.start
    count = sum(run.count * max(1, run.pieces) for run in runs)
    return replace(
        found,
        count=count,
        runs=runs,
        first=found.first + before,
        seconds=Fraction(runs[-1].end - begins) / scale,
        gaps=tuple(
            (max(0.0, float((start - begins) / scale)), float(length / scale))
            for start, length in timeline.gaps_of(runs, window)
        ),
        tolerated=_tolerated(runs[-1].length, window, clock) if count > 1 else 0,
    )


def _up_to(runs: tuple[SegmentRun, ...], count: int) -> tuple[SegmentRun, ...]:
    """Return the runs cut to the first ``count`` segments; the runs of none if that is no valid
    number."""
    kept = []
    for run in runs:
        if count > 0:
            kept.append(run if run.count <= count else replace(run, count=count, tail=None))
        count -= run.count
    return tuple(kept) or runs


def _counted(
    found: TemplateSegments, segmenting: Segmenting, clock: PeriodClock
) -> TemplateSegments:
    """Return segments of equal duration, until the period ends or a last number is given."""
    window = _window(segmenting, clock)
    length = positive(segmenting.get("duration"))
    last = whole(segmenting.get("endNumber"))
    count_left = None if last is None or last < found.first else last - found.first + 1
    if length is None and (segmenting.get("duration") is not None or count_left is None):
        raise ManifestError("a segment of no length")
    if window.end is None or length is None:
        if count_left is None:
            raise ManifestError("a period of no known length")
        run = SegmentRun(0, length or 0, count_left)
    else:
        shown = window.end - window.start
        count = max(1, math.ceil(Fraction(shown) / length))
        run = SegmentRun(0, length, count, tail=shown - (count - 1) * length)
        if count_left is not None and count_left < count:
            run = replace(run, count=count_left, tail=None)
    run = replace(run, pieces=whole(segmenting.get("k")) or 0)
    if run.count * max(1, run.pieces) > MAX_SEGMENTS:
        raise ManifestTooLarge(f"more than {MAX_SEGMENTS} segments")
    return replace(
        found,
        count=run.count * max(1, run.pieces),
        runs=(run,),
        seconds=Fraction(run.end) / window.timescale if length else None,
        tolerated=_tolerated(run.length, window, clock) if run.count > 1 else 0,
    )


def _by_list(segmenting: Segmenting, clock: PeriodClock) -> Segments:
    holder = next((each for each in segmenting.elements if each.first("SegmentURL")), None)
    urls = tuple(holder.all("SegmentURL")) if holder else ()
    if not urls:
        raise ManifestError("a list without segments")
    if len(urls) > MAX_SEGMENTS:
        raise ManifestTooLarge(f"more than {MAX_SEGMENTS} segments")
    scale = Fraction(segmenting.timescale)
    lengths: list[float] = []
    lines = segmenting.child("SegmentTimeline")
    if lines is not None and lines.first("S") is not None:
        runs, _ = timeline.runs_of(lines, TimelineWindow(segmenting.timescale))
        lengths = [float(run.length / scale) for run in runs for _ in range(run.count)]
    usual = float((positive(segmenting.get("duration")) or 0) / scale)
    lengths = (lengths + [lengths[-1] if lengths else usual] * len(urls))[: len(urls)]
    if not any(lengths) and clock.length is not None:
        lengths = [float(clock.length) / len(urls)] * len(urls)
    return ListSegments(
        count=len(urls),
        offset=segmenting.offset,
        seconds=Fraction(sum(lengths)).limit_denominator(10**6) or None,
        init=_initialization(segmenting),
        urls=urls,
        lengths=tuple(lengths),
    )


def _initialization(
    segmenting: Segmenting, identity: tuple[str, int | None] = ("", None)
) -> MpdPiece | None:
    """Return the header, given as an attribute or as an element."""
    named = segmenting.get("initialization") if segmenting.kind == "SegmentTemplate" else None
    if named is not None:
        id_, bandwidth = identity
        values = {"RepresentationID": id_, "Bandwidth": bandwidth}
        return MpdPiece(UrlTemplate(named).fill(values), init=True)
    element = segmenting.child("Initialization")
    if element is None:
        return None
    return MpdPiece(element.get("sourceURL") or "", _span(element.get("range")), init=True)


def _span(text: str | None) -> Span | None:
    if not text:
        return None
    found = byte_range(text)
    if found is None:
        raise ManifestError("a range that is none")
    return found


def _window(segmenting: Segmenting, clock: PeriodClock) -> TimelineWindow:
    scale = segmenting.timescale
    start = number(segmenting.get("presentationTimeOffset")) or 0
    end = None if clock.length is None else start + clock.length * scale
    return TimelineWindow(scale, start, end, clock.is_last)


def _tolerated(length: Ticks, window: TimelineWindow, clock: PeriodClock) -> Ticks:
    return min(clock.frame * window.timescale, Fraction(length) / 2)
