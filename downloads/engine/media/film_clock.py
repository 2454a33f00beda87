"""The times of cues, converted from any clock to the film's. Pure; also runs in the jail.

A cue's time is ``MPEGTS / 90000 - LOCAL + t`` on the picture's clock (RFC 8216, section 3.5), of 33
bits in MPEG-TS; the film begins with the picture's first part on that clock. Without such a map a
cue's time is the film's, if it is within its length.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from downloads.engine.media.cues import Cue
from downloads.engine.media.webvtt import TICKS, TimestampMap

_WRAP: Final = 2**33 / TICKS  # seconds
_SLACK: Final = 1.0  # seconds: what a film's length and a cue's time may differ by
_ROUNDED: Final = 0.3  # seconds: what a list's lengths may be off by
_LEFT_OPEN: Final = 10.0  # seconds that a cue without an end is shown, at least


@dataclass(frozen=True, slots=True)
class PartStart:
    """The begin of a part of the film, in seconds: on its source's clock, and in the film.

    ``mark`` increases when the film's list announces another clock.
    """

    source: float
    film: float = 0.0
    mark: int = 0


@dataclass(frozen=True, slots=True)
class FilmClock:
    """The clock of a film. ``parts``: empty if the source's clock is not known. ``length`` in
    seconds."""

    parts: tuple[PartStart, ...] = ()
    length: float | None = None


@dataclass(frozen=True, slots=True)
class TimedPiece:
    """The cues of one piece. ``on_source``: their times are the source's media times, as in MP4.

    ``at``: the begin of the piece by its list, in seconds of the film; ``part``: the number of its
    part. None without a list. ``shift`` is added to media times. ``media_start``: the begin of its
    first sample, in media times.
    """

    cues: Sequence[Cue]
    map: TimestampMap | None = None
    on_source: bool = False
    at: float | None = None
    part: int | None = None
    shift: float = 0.0
    media_start: float | None = None

    @property
    def begin(self) -> float | None:
        """The begin of the piece on the clock that its cues should use."""
        return self.media_start if self.on_source else self.at


def on_film(pieces: Sequence[TimedPiece], clock: FilmClock, parts: int = 1) -> list[Cue]:
    """Return all cues by the film's time. ``parts``: how many the subtitles' own list has.

    The rule of each piece comes first. Another clock is used if the rule puts no cue into the film;
    and, for times without a map, if it puts all of them inside, and the rule does not.
    """
    pieces = _from_piece_to_list(_with_maps(pieces))
    placing = _Placing(clock.parts or _assumed(pieces), clock.length, parts)
    is_declared = any(piece.map or piece.on_source for piece in pieces)
    found = [cue for piece in pieces for cue in placing.by_rule(piece)]
    if clock.length:
        inside = _inside(found, clock.length)
        enough = 1 if is_declared or not inside else len(found)
        others = (placing.as_film, placing.as_source) if is_declared else (placing.as_source,)
        for place in others if inside < enough else ():
            other = [cue for piece in pieces for cue in place(piece)]
            if _inside(other, clock.length) >= enough:
                found = other
                break
    return [_ended(cue, clock.length) for cue in found]


def _with_maps(pieces: Sequence[TimedPiece]) -> list[TimedPiece]:
    """Return the pieces with maps: one without a map among others uses the clock of the one before
    it."""
    last = next((piece.map for piece in pieces if piece.map), None)
    found = []
    for piece in pieces:
        last = piece.map or last
        found.append(piece if piece.on_source else replace(piece, map=last))
    return found


def _from_piece_to_list(pieces: list[TimedPiece]) -> list[TimedPiece]:
    """Return pieces whose cues count from the begin of each piece (devine-dl/devine#67) with times
    from the begin of the list, and without their maps, which are all the same."""
    if not _count_from_piece(pieces):
        return pieces
    return [
        replace(
            piece,
            map=None,
            cues=[replace(cue, start=cue.start + begin, end=cue.end + begin) for cue in piece.cues],
        )
        for piece in pieces
        for begin in (piece.begin or 0.0,)
    ]


def _count_from_piece(pieces: Sequence[TimedPiece]) -> bool:
    """Return if cues count from their piece, by the begins of the pieces: each cue lies within a
    piece's length, some lie before their piece begins, and none is repeated, as one across a cut
    is."""
    begins = sorted({piece.begin for piece in pieces if piece.begin is not None})
    if len(begins) < 2 or len({piece.map for piece in pieces}) > 1:
        return False
    longest = max(after - before for before, after in pairwise(begins)) + _ROUNDED
    seen: set[tuple[float, float, str]] = set()
    is_early = False
    for piece in pieces:
        for cue in piece.cues:
            key = (cue.start, cue.end, cue.text)
            if piece.begin is None or cue.end > longest or key in seen:
                return False
            seen.add(key)
            is_early |= cue.end < piece.begin - _ROUNDED
    return is_early


def _assumed(pieces: Iterable[TimedPiece]) -> tuple[PartStart, ...]:
    """Return the parts assumed without facts about the picture: the first map marks the film's
    begin."""
    for piece in pieces:
        if piece.map is not None:
            return (PartStart(piece.map.ticks / TICKS - piece.map.local),)
    return (PartStart(0.0),)


def _inside(cues: Iterable[Cue], length: float) -> int:
    return sum(-_SLACK <= cue.start < length + _SLACK for cue in cues)


def _ended(cue: Cue, length: float | None) -> Cue:
    if not math.isinf(cue.end):
        return cue
    return replace(cue, end=max(length or 0.0, cue.start + _LEFT_OPEN))


def until_end(cues: Iterable[Cue], length: float) -> list[Cue]:
    """Return the cues within a film of ``length`` seconds."""
    return [replace(cue, end=min(cue.end, length)) for cue in cues if cue.start < length]


class _Placing:
    def __init__(self, starts: Sequence[PartStart], length: float | None, parts: int) -> None:
        self._starts = starts
        self._middle = (length or 0.0) / 2
        marks = list(dict.fromkeys(start.mark for start in starts))
        # the parts of the subtitles' list are the film's, or they cannot be matched
        self._marks = marks if parts == len(marks) > 1 else []

    def by_rule(self, piece: TimedPiece) -> list[Cue]:
        if piece.map is not None or piece.on_source:
            return self.as_source(piece)
        return list(piece.cues)

    def as_film(self, piece: TimedPiece) -> list[Cue]:
        return list(piece.cues)

    def as_source(self, piece: TimedPiece) -> list[Cue]:
        shift = piece.map.ticks / TICKS - piece.map.local if piece.map else piece.shift
        if not piece.cues:
            return []
        return [
            replace(cue, start=cue.start + moved, end=cue.end + moved)
            for cue in piece.cues
            for moved in (shift + self._offset(piece, shift, cue),)
        ]

    def _offset(self, piece: TimedPiece, shift: float, cue: Cue) -> float:
        """Return the seconds from the source's time to the film's, by the part that the piece or
        the cue is in."""
        starts = self._starts
        if self._marks and piece.part is not None:
            mark = self._marks[piece.part]
            starts = [start for start in starts if start.mark == mark]
        offsets = [self._wrapped(start, piece, shift) for start in starts]
        bounds = [*(start.film for start in starts[1:]), math.inf]
        fitting = [
            offset
            for start, bound, offset in zip(starts, bounds, offsets, strict=True)
            if start.film - _SLACK <= cue.start + shift + offset < bound
        ]
        if piece.at is not None:  # parts may have the same times: the first since the piece began
            since = piece.at - _SLACK - cue.start - shift
            fitting = [offset for offset in fitting if offset >= since] or fitting
        return fitting[0] if fitting else offsets[0]

    def _wrapped(self, start: PartStart, piece: TimedPiece, shift: float) -> float:
        """Return the offset with the wrap of the 33-bit clock that comes nearest to the piece's
        expected time."""
        expected = self._middle if piece.at is None else piece.at
        first = piece.cues[0].start + shift - start.source + start.film
        turns = round((expected - first) / _WRAP)
        return start.film - start.source + turns * _WRAP
