"""Inside the jail: the periods of an MPD (ISO/IEC 23009-1, 5.3.2), with the content of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from downloads.engine.resolver.manifests.base_urls import (
    Bases,
    bases_of,
    content_length,
    http_only,
)
from downloads.engine.resolver.manifests.document import Node
from downloads.engine.resolver.manifests.durations import seconds
from downloads.engine.resolver.manifests.errors import (
    ManifestError,
    ManifestTooLarge,
    UnsupportedScheme,
)
from downloads.engine.resolver.manifests.limits import MAX_PERIODS, MAX_VARIANTS
from downloads.engine.resolver.manifests.representations import Facts, facts_of, text_named
from downloads.engine.resolver.manifests.segments import (
    PeriodClock,
    Segmenting,
    Segments,
    segments_of,
)
from downloads.engine.resolver.manifests.url_query import query_of, with_query

_FRAME = Fraction(1, 24)  # seconds, if no rate is given
_LONGEST_FRAME = Fraction(1, 5)
_ROUNDING = Fraction(1, 1000)


@dataclass(frozen=True, slots=True)
class Representation:
    """A representation in one period. ``query`` must end each URL; ``bases`` include it already."""

    facts: Facts
    bases: Bases
    segments: Segments
    size: int | None = None
    query: str = ""


@dataclass(frozen=True, slots=True)
class Period:
    """A period. ``length`` in seconds; ``representations`` in document order."""

    length: Fraction | None
    representations: tuple[Representation, ...]


@dataclass(frozen=True, slots=True)
class _Timed:
    node: Node
    length: Fraction | None
    is_last: bool


def periods_of(root: Node, url: str, total: Fraction | None) -> list[Period]:
    """Return the periods with content. ``total``: the seconds of all, if given.

    Raises ManifestError, ManifestTooLarge, UnsupportedScheme.
    """
    nodes = list(root.all("Period"))
    if sum(1 for each in nodes if each.first("AdaptationSet")) > MAX_PERIODS:
        raise ManifestTooLarge(f"more than {MAX_PERIODS} periods")
    timed = _timed(nodes, total)
    shown = [each for each in timed if each.length != 0] or timed
    reader = _PeriodReader(root, url)
    found = [reader.period(each) for each in shown if each.node.first("AdaptationSet")]
    found = [period for period in found if period.representations]
    if not found:
        raise ManifestError("there is nothing in it")
    return found


def _timed(periods: Sequence[Node], total: Fraction | None) -> list[_Timed]:
    """Return each period with its length in seconds: until the next begins, or its own duration if
    that is shorter; the last one until the end of the presentation."""
    found: list[_Timed] = []
    periods = _with_length(periods, total)
    start: Fraction | None = Fraction()
    for place, period in enumerate(periods):
        start_at = seconds(period.get("start"))
        start = start_at if start_at is not None else start
        is_last = place + 1 == len(periods)
        until = total if is_last else seconds(periods[place + 1].get("start"))
        lengths = [seconds(period.get("duration"))]
        if until is not None and start is not None and (until > start or not is_last):
            lengths.append(max(Fraction(), until - start))
        known = [each for each in lengths if each is not None]
        length = min(known) if known else None
        found.append(_Timed(period, length, is_last))
        start = None if start is None or length is None else start + length
    return found


def _with_length(periods: Sequence[Node], total: Fraction | None) -> Sequence[Node]:
    """Give the only period without a length what the others leave of ``total``, unless a later one
    has an explicit start. Return the periods."""
    if total is None or any(each.get("start") for each in periods[1:]):
        return periods
    lengths = [seconds(each.get("duration")) for each in periods]
    if lengths.count(None) == 1 and (place := lengths.index(None)) + 1 < len(periods):
        rest = total - sum((each for each in lengths if each is not None), Fraction())
        if rest > 0:
            periods[place].attributes["duration"] = f"PT{float(rest)}S"
    return periods


class _PeriodReader:
    """A reader of periods. ``url`` is the MPD's own: the base of relative URLs."""

    def __init__(self, root: Node, url: str) -> None:
        self._root = root
        self._url = url
        self._base = bases_of(root, (url,))

    def period(self, timed: _Timed) -> Period:
        """Return the period. Raises the error of the first unreadable representation, if none of
        the pictures or none of the sounds can be read."""
        candidates = self._candidates(timed.node)
        clock = PeriodClock(timed.length, timed.is_last, _frame(candidates))
        found, wrong = _with_segments(candidates, clock)
        if clock.length is None:  # one with a length of its own determines the others'
            lengths = [each.segments.seconds for each in found if each.segments.seconds]
            if lengths:
                clock = replace(clock, length=max(lengths))
                found, wrong = _with_segments(candidates, clock)
        read = {each.facts.kind for each in found}
        lost = {each.facts.kind for each in candidates} - read - {"text"}
        if wrong is not None and lost:
            raise wrong
        return Period(clock.length, tuple(_playable(found)))

    def _candidates(self, period: Node) -> list[_Candidate]:
        sets = list(period.all("AdaptationSet"))
        if sum(1 for each in sets for _ in each.all("Representation")) > MAX_VARIANTS:
            raise ManifestTooLarge(f"more than {MAX_VARIANTS} representations")
        base = bases_of(period, self._base)
        in_period = Segmenting().under(period)
        found = []
        for adaptation in sets:
            in_set = in_period.under(adaptation)
            for node in adaptation.all("Representation"):
                candidate = _Candidate(node, base, adaptation, in_set.under(node), self._url)
                candidate.query = query_of((node, adaptation, period, self._root), self._url)
                if candidate.facts.kind not in ("", "image"):
                    found.append(candidate)
        return found


class _Candidate:
    """A representation before its segments are counted."""

    def __init__(
        self, node: Node, above: Bases, adaptation: Node, segmenting: Segmenting, own: str
    ) -> None:
        self.facts = facts_of(adaptation, node)
        self._node = node
        self._adaptation = adaptation
        self._above = above
        self._segmenting = segmenting
        self._own = own
        self.query = ""

    def read(self, clock: PeriodClock) -> Representation:
        """Return the representation. Raises ManifestError, ManifestTooLarge, UnsupportedScheme."""
        bases = http_only(bases_of(self._node, bases_of(self._adaptation, self._above)))
        identity = (self.facts.id, self.facts.bandwidth)
        segments = segments_of(self._segmenting, identity, clock, bases[0])
        if segments.is_file and bases == (self._own,):
            raise ManifestError("a representation without an address")
        facts = self.facts
        if facts.kind == "text" and not facts.ext:
            facts = replace(facts, ext=text_named(bases[0]))
        bases = tuple(with_query(base, self.query) for base in bases)
        return Representation(facts, bases, segments, content_length(self._node), self.query)


def _with_segments(
    candidates: Sequence[_Candidate], clock: PeriodClock
) -> tuple[list[Representation], Exception | None]:
    """Return the readable ones, and the error of the first of the others."""
    found: list[Representation] = []
    wrong: Exception | None = None
    for each in candidates:
        try:
            found.append(each.read(clock))
        except (ManifestError, UnsupportedScheme) as error:
            wrong = wrong or error
    return found, wrong


def _playable(representations: Sequence[Representation]) -> list[Representation]:
    """Return the least odd ones of each kind: the others are left out, unless there is nothing
    else."""
    least = {
        kind: min(each.facts.oddness for each in representations if each.facts.kind == kind)
        for kind in {each.facts.kind for each in representations}
    }
    return [each for each in representations if each.facts.oddness == least[each.facts.kind]]


def _frame(candidates: Sequence[_Candidate]) -> Fraction:
    """Return about the longest frame of any: a common length is rounded to one of them."""
    frames = [1 / Fraction(each.facts.fps) for each in candidates if each.facts.fps]
    samples = [(2048 if each.facts.is_doubled else 1024, each.facts.hertz) for each in candidates]
    frames += [Fraction(count, hertz) for count, hertz in samples if hertz]
    return min(max(frames, default=_FRAME), _LONGEST_FRAME) + _ROUNDING
