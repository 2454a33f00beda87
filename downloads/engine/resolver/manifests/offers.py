"""Inside the jail: representations that continue through all periods, each as one offer.

Ids are local to a period. A representation continues in the next period as the most similar one
there, which players would switch to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Any

from downloads.engine.egress.url_text import join
from downloads.engine.resolver.manifests.errors import ManifestTooLarge
from downloads.engine.resolver.manifests.limits import MAX_GAPS, MAX_SECONDS, MAX_SEGMENTS
from downloads.engine.resolver.manifests.periods import Period, Representation
from downloads.engine.resolver.manifests.segments import MpdPiece
from downloads.engine.resolver.manifests.url_query import with_query

_SAME = Fraction(1, 20)  # seconds: two clocks are one if they differ by less


@dataclass(frozen=True, slots=True)
class Offer:
    """One representation; ``parts`` in the order of the periods, which begin at ``starts`` and last
    ``lengths`` (seconds), None if a period has nothing of the kind. ``continued``: the indexes of
    those that continue the one before, as if there were no border."""

    id: str
    main: Representation
    parts: tuple[Representation | None, ...]
    starts: tuple[float, ...]
    lengths: tuple[float, ...]
    continued: frozenset[int] = frozenset()

    def as_dict(self, *, with_pieces: bool) -> dict[str, Any]:
        """Return the offer as ``answers.RawRepresentation`` takes it."""
        facts = self.main.facts
        pieces, shared = self._pieces() if with_pieces or len(self.parts) > 1 else ([], set())
        begun = self._begun()
        is_file = self.main.segments.is_file and len(begun) == 1 and len(pieces) < 2
        return {
            "id": self.id,
            "kind": facts.kind,
            "ext": facts.ext,
            "bases": [list(part.bases) for _, part in begun],
            "offsets": [start - float(part.segments.offset) for start, part in begun],
            "windows": self._windows(shared) if with_pieces else [],
            "whole": is_file,
            "pieces": pieces if with_pieces else [],
            "gaps": self._gaps() if with_pieces else [],
            "width": facts.width,
            "height": facts.height,
            "fps": facts.fps,
            "bandwidth": facts.bandwidth or None,
            "video_codec": facts.video_codec[:200],
            "audio_codec": facts.audio_codec[:200],
            "dynamic_range": facts.dynamic_range,
            "language": facts.language,
            "roles": facts.roles,
            "label": facts.label,
            "size": self.main.size if is_file else None,
            "protected": any(part.facts.protected for part in self.parts if part is not None),
        }

    def _begun(self) -> list[tuple[float, Representation]]:
        """Return the start and the representation of each part of the file; a substitute for a
        period without one."""
        return [
            (start, part or self.main)
            for place, (start, part) in enumerate(zip(self.starts, self.parts, strict=True))
            if place not in self.continued
        ]

    def _windows(self, shared: Collection[int]) -> list[tuple[float | None, float | None]]:
        """Return the shown range of each part of the file: up to the next border, unless the media
        continue across it; ``shared``: the indexes of parts that begin in the last segment of the
        one before. The outer ends of the film are not clipped."""
        borders = [
            place
            for place in range(1, len(self.parts))
            if place not in shared and not self._goes_on(place)
        ]
        found = []
        for place in range(len(self.parts)):
            if place not in self.continued:
                begins = [self.starts[each] for each in borders if each <= place]
                ends = [self.starts[each] for each in borders if each > place]
                found.append((max(begins, default=None), min(ends, default=None)))
        return found

    def _goes_on(self, place: int) -> bool:
        before, length = self.parts[place - 1], Fraction(self.lengths[place - 1])
        return place in self.continued or _goes_on(before, self.parts[place], length)

    def _is_one_clock(self, place: int) -> bool:
        before, length = self.parts[place - 1], Fraction(self.lengths[place - 1])
        return place in self.continued or _is_one_clock(before, self.parts[place], length)

    def _gaps(self) -> list[tuple[float, float]]:
        found: list[tuple[float, float]] = []
        for start, length, part in zip(self.starts, self.lengths, self.parts, strict=True):
            if part is None:
                found.append((start, length))
            else:
                found += [(start + at, lasts) for at, lasts in part.segments.gaps]
        return found[:MAX_GAPS]

    @property
    def repeated(self) -> frozenset[str]:
        """Return the files that serve several parts of the film."""
        begun = [part for place, part in enumerate(self.parts) if place not in self.continued]
        files = [each.bases[0] for each in begun if each is not None and each.segments.is_file]
        return frozenset(url for url in files if files.count(url) > 1)

    @property
    def is_locatable(self) -> bool:
        """Return if the meant part of a file can be found: by its index."""
        repeated = self.repeated
        return all(
            next(each.segments.pieces()).index is not None
            for each in self.parts
            if each is not None and each.bases[0] in repeated
        )

    def _pieces(self) -> tuple[list[dict[str, Any]], set[int]]:
        """Return the pieces, each once, and the indexes of the parts whose first piece came with
        the period before."""
        found = [each for each in self.parts if each is not None]
        if sum(each.segments.count for each in found) > MAX_SEGMENTS:
            raise ManifestTooLarge(f"more than {MAX_SEGMENTS} segments")
        rows: list[dict[str, Any]] = []
        shared: set[int] = set()
        number, bases = -1, self.main.bases
        last: tuple[str, str, object] | None = None
        repeated = self.repeated
        for place, (part, lasts) in enumerate(zip(self.parts, self.lengths, strict=True)):
            if place not in self.continued:
                number += 1
                bases = part.bases if part is not None else bases
            if part is None:
                continue
            ended = last if place and self._is_one_clock(place) else None
            begun: list[dict[str, Any]] = []
            for piece in part.segments.pieces():
                reference = _absolute(part, bases, piece)
                where = (bases[0], reference, piece.span)
                if piece.init and place in self.continued:
                    continue
                if piece.index is None and where == ended:
                    shared.add(place)
                    continue
                last = last if piece.init else where
                begun.append(_as_dict(reference, piece, number))
                if piece.index is not None and part.bases[0] in repeated:
                    begin = float(part.segments.offset)
                    begun[-1] |= {"index": piece.index, "window": (begin, begin + lasts)}
            rows += begun if any(not each.get("init") for each in begun) else []
        return rows, shared


def _absolute(part: Representation, bases: tuple[str, ...], piece: MpdPiece) -> str:
    """Return the reference of a piece against the bases that its part of the file has."""
    reference = with_query(piece.reference, part.query) if piece.reference else ""
    return reference if part.bases == bases else join(part.bases[0], reference)


def _as_dict(reference: str, piece: MpdPiece, part: int) -> dict[str, Any]:
    """Return the piece without default values: there may be many."""
    row: dict[str, Any] = {"url": reference, "seconds": min(piece.seconds, MAX_SECONDS)}
    if part:
        row["part"] = part
    if piece.span is not None:
        row["range"] = piece.span
    if piece.init:
        row["init"] = True
    if piece.optional:
        row["optional"] = True
    return row


def offers_of(periods: Sequence[Period]) -> tuple[list[Offer], bool]:
    """Return the offers that run from beginning to end, and if a kind other than text has none.

    Per kind, the longest period that has it determines the offer. A period may lack sound or text,
    as advertisements do; the picture must continue.
    """
    lengths = tuple(float(each.length or 0) for each in periods)
    starts = tuple(accumulate(lengths[:-1], initial=0.0))
    kinds = dict.fromkeys(each.facts.kind for period in periods for each in period.representations)
    through = []
    for kind in kinds:
        lasting = [(bool(_of_kind(each, kind)), each.length or 0) for each in periods]
        longest = max(range(len(periods)), key=lasting.__getitem__)
        for main in _of_kind(periods[longest], kind):
            parts = tuple(
                main if place == longest else _nearest(main, period.representations)
                for place, period in enumerate(periods)
            )
            if all(_is_complete(kind, *each) for each in zip(parts, periods, strict=True)):
                through.append(Offer("", main, parts, starts, lengths))
    whole = [offer for offer in _continued(through, periods) if offer.is_locatable]
    split = bool(kinds.keys() - {"text"} - {offer.main.facts.kind for offer in whole})
    return _named(whole), split


def _of_kind(period: Period, kind: str) -> list[Representation]:
    return [each for each in period.representations if each.facts.kind == kind]


def _is_complete(kind: str, part: Representation | None, period: Period) -> bool:
    return part is not None or (kind != "video" and not _of_kind(period, kind))


def _nearest(main: Representation, others: Sequence[Representation]) -> Representation | None:
    alike = [each for each in others if _can_follow(main, each)]
    return min(alike, key=lambda each: _distance(main, each)) if alike else None


def _can_follow(main: Representation, other: Representation) -> bool:
    """Return if both are of one kind, in one container, by one codec."""
    one, two = main.facts, other.facts
    if (one.kind, one.ext) != (two.kind, two.ext):
        return False
    if one.kind == "text":
        return one.language == two.language
    both = ((one.video_codec, two.video_codec), (one.audio_codec, two.audio_codec))
    if one.kind == "video" and bool(one.audio_codec) is not bool(two.audio_codec):
        return False
    return all(not a or not b or _family(a) == _family(b) for a, b in both)


def _distance(main: Representation, other: Representation) -> tuple[object, ...]:
    one, two = main.facts, other.facts
    return (
        one.language != two.language,
        one.protected != two.protected,
        abs((one.height or 0) - (two.height or 0)),
        set(one.roles.split()) != set(two.roles.split()),
        one.id != two.id,
        abs((one.bandwidth or 0) - (two.bandwidth or 0)),
    )


def _family(codec: str) -> str:
    return codec.partition(".")[0].lower()


def _continued(offers: Sequence[Offer], periods: Sequence[Period]) -> list[Offer]:
    """Return the offers with seamless borders marked: one encoding, on one clock, in all
    streams."""
    media = [offer for offer in offers if offer.main.facts.kind != "text"]
    smooth = frozenset(
        place + 1
        for place, (before, _) in enumerate(pairwise(periods))
        if all(
            _goes_on(offer.parts[place], offer.parts[place + 1], before.length) for offer in media
        )
    )
    return [replace(offer, continued=smooth) for offer in offers]


def _goes_on(
    one: Representation | None, two: Representation | None, length: Fraction | None
) -> bool:
    if one is None or two is None:
        return one is two
    return _is_one_clock(one, two, length) and _header(one) == _header(two)


def _is_one_clock(
    one: Representation | None, two: Representation | None, length: Fraction | None
) -> bool:
    """Return if ``two`` begins on the media's clock where ``one`` ends after ``length``."""
    if one is None or two is None or length is None:
        return False
    return abs(one.segments.offset + length - two.segments.offset) <= _SAME


def _header(each: Representation) -> tuple[str, object] | None:
    """Return the location of its header; None if each segment contains it."""
    piece = next(each.segments.pieces())
    if not piece.init and not each.segments.is_file:
        return None
    return join(each.bases[0], piece.reference), piece.span


def _named(offers: Sequence[Offer]) -> list[Offer]:
    """Return the offers with ids that are set and distinct; they are stable over fetches."""
    counts = Counter(offer.main.facts.id for offer in offers)
    named: list[Offer] = []
    for place, offer in enumerate(offers):
        name = offer.main.facts.id
        if not name or counts[name] > 1 or len(name) > 100:
            name = f"{offer.main.facts.kind}.{place}"
        named.append(replace(offer, id=name))
    return named
