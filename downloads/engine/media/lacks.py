"""Defects of a film at its source: pieces cut short, late or early ends, holes. Reported in
notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from downloads.engine.core.humanize import clock
from downloads.engine.core.notes import Notes
from downloads.engine.media.packets import TrackPackets
from downloads.engine.media.scan import AUDIO, VIDEO
from downloads.engine.media.verify import (
    NAMES,
    Packets,
    PlacedPart,
    heard_and_seen,
    in_film,
    is_timed,
)

_TOLD: Final = 1.0  # seconds: shorter ones are not worth a note
_SHORT: Final = 0.25  # seconds: worth a note in a track with almost no holes
_MOST: Final = 3  # that are noted one by one
_ONE: Final = 0.1  # seconds: holes closer than this are one

Holes = dict[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class _Cut:
    """A piece without its end, ``at`` that moment of the film, if its clock is known. ``holes``,
    begin and length in seconds by kind, are known only if another piece follows."""

    name: str
    at: float | None
    holes: Holes


def tell_lacks(parts: Sequence[PlacedPart], read: Packets, notes: Notes) -> None:
    """Note what is missing. ``read``: the packets of the film, which consists of ``parts``."""
    cuts = [cut for part in parts for cut in _cuts(part, read)]
    _tell_cuts(cuts, notes)
    video, audio = read.get(VIDEO), read.get(AUDIO)
    if video and audio and is_timed(video) and is_timed(audio):
        _tell_ends(video, audio, notes)
    for kind, track in read.items():
        if is_timed(track):
            known = [cut.holes[kind][0] for cut in cuts if kind in cut.holes]
            _tell_holes(kind, track, known, notes)


def _cuts(part: PlacedPart, read: Packets) -> list[_Cut]:
    found = []
    for (name, span), after in zip_longest(part.spans, part.spans[1:]):
        if not span.is_cut:
            continue
        ends = [in_film(part, track.last) for track in heard_and_seen(part, span).values()]
        holes = {
            kind: read[kind].hole_before(in_film(part, track.first))
            for kind, track in (heard_and_seen(part, after[1]) if after else {}).items()
            if kind in read and is_timed(read[kind])
        }
        at = min((begin for begin, _ in holes.values()), default=max(ends, default=None))
        found.append(_Cut(name, at, holes))
    return found


def _tell_cuts(cuts: Sequence[_Cut], notes: Notes) -> None:
    if len(cuts) > _MOST:
        notes.add(
            f"{len(cuts)} fragments are cut short on the site, the first{_moment(cuts[0])}: "
            "something is missing at the end of each."
        )
        return
    for cut in cuts:
        lacks = [
            f"{length:.1f} s of the {NAMES[kind]}"
            for kind, (_, length) in cut.holes.items()
            if length >= 0.05
        ]
        missing = " and ".join(lacks) or "its end"
        notes.add(
            f"{cut.name.capitalize()} is cut short on the site: {missing} "
            f"{'are' if len(lacks) > 1 else 'is'} missing{_moment(cut)}."
        )


def _moment(cut: _Cut) -> str:
    return "" if cut.at is None else f" at {clock(cut.at)}"


def _tell_ends(video: TrackPackets, audio: TrackPackets, notes: Notes) -> None:
    late, early = audio.begin - video.begin, video.end - audio.end
    if late > _TOLD:
        notes.add(f"The sound begins {late:.1f} s after the picture, as on the site.")
    if late < -_TOLD:
        notes.add(f"The picture begins {-late:.1f} s after the sound, as on the site.")
    if early > _TOLD:
        notes.add(f"The sound ends {early:.1f} s before the picture, as on the site.")
    if early < -_TOLD:
        notes.add(f"The picture ends {-early:.1f} s before the sound, as on the site.")


def _tell_holes(kind: str, track: TrackPackets, known: Sequence[float], notes: Notes) -> None:
    """Note the holes of a track. ``known``: begins of holes that are noted already."""
    holes = track.holes(_SHORT)
    if len(holes) > _MOST:  # a variable frame rate, for example
        holes = [hole for hole in holes if hole[1] > _TOLD]
    holes = [hole for hole in holes if all(abs(hole[0] - begin) > _ONE for begin in known)]
    if len(holes) > _MOST:
        at, longest = max(holes, key=lambda hole: hole[1])
        notes.add(
            f"The {NAMES[kind]} has {len(holes)} gaps on the site, the longest of "
            f"{longest:.1f} s at {clock(at)}."
        )
        return
    for at, long in holes:
        notes.add(f"The {NAMES[kind]} has a gap of {long:.1f} s at {clock(at)}, as on the site.")
