"""The verdict on a finished file: every packet that came is in it once, in order, in its place.

A lost, doubled or displaced packet is an error; defects of the source are reported by ``lacks``.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from downloads.engine.core.errors import ProcessingFailed
from downloads.engine.media.packets import NONE, TrackPackets
from downloads.engine.media.scan import AUDIO, VIDEO, PieceSpan, TrackSpan

NAMES: Final = {VIDEO: "picture", AUDIO: "sound"}
_ROUNDED: Final = 0.003  # seconds: by the ticks of two containers
_APART: Final = 0.03  # seconds by which picture and sound may be out of sync
_PLACED: Final = 0.1  # seconds
_NEAR: Final = 0.01  # seconds
_FEW: Final = 0.01  # of the packets

Packets = dict[str, TrackPackets]


@dataclass(frozen=True, slots=True)
class PlacedPart:
    """Pieces of one part of one stream: ``start`` on their clock is ``begins`` in the film.

    ``kinds``: those that go into the film, with the time of the first packet of each. ``period``:
    seconds after which its clock begins again. ``numbers``: of the track of each kind that goes
    into the film, if there are several. ``until``: in the film; later packets are not shown.
    ``counts``: of the packets read, by kind; empty if some are not shown.
    """

    spans: Sequence[tuple[str, PieceSpan]]
    start: float
    begins: float
    kinds: dict[str, float]
    period: float | None = None
    numbers: Mapping[str, int] = field(default_factory=dict)
    until: float | None = None
    counts: Mapping[str, int] = field(default_factory=dict)


def verify_kinds(packets: Packets, kinds: Sequence[str]) -> None:
    """Check that the file has all tracks. Raises ProcessingFailed if one is missing."""
    for kind in kinds:
        if kind not in packets or not packets[kind].count:
            raise ProcessingFailed(f"the {NAMES[kind]} is missing from the file")


def verify_written(read: Packets, packets: Packets) -> None:
    """Check that ``packets`` holds all packets ``read``, each in its place. Raises
    ProcessingFailed."""
    for kind, source in read.items():
        track = packets.get(kind)
        if track is None or track.count != source.count:
            count = track.count if track else 0
            raise ProcessingFailed(f"{NAMES[kind]}: {count} packets of {source.count}")
        moved = _moved(source, track)
        if moved is not None:
            raise ProcessingFailed(f"{NAMES[kind]}: packet {moved[0]} moved by {moved[1]:.3f} s")
    if VIDEO in read and AUDIO in read and is_timed(read[VIDEO]) and is_timed(read[AUDIO]):
        apart = read[AUDIO].begin - read[VIDEO].begin
        found = packets[AUDIO].begin - packets[VIDEO].begin
        if abs(apart - found) > _APART:
            raise ProcessingFailed(
                f"the sound begins {found:.3f} s after the picture, not {apart:.3f}"
            )


def is_timed(track: TrackPackets) -> bool:
    return track.count > 0 and NONE not in (track.decoded[0], track.shown[0])


def _moved(source: TrackPackets, track: TrackPackets) -> tuple[int, float] | None:
    """Return the first packet whose time after the first one has changed, and the difference.

    Matroska has no decoding times. ffmpeg corrects the few packets that a broken source presents
    before they are decoded, each by no more than a moment.
    """
    if not is_timed(source):
        return None
    first, begin = source.shown[0], track.shown[0]
    found: tuple[int, float] | None = None
    count = 0
    for place, (was, now) in enumerate(zip(source.shown, track.shown, strict=True)):
        by = (now - begin) * track.tick - (was - first) * source.tick
        if not -_ROUNDED < by < _ROUNDED:
            found = found or (place, by)
            count += 1
            if abs(by) > _PLACED:
                return place, by
    return found if count > _FEW * source.count else None


def verify_joined(
    kind: str, parts: Sequence[tuple[float, TrackPackets]], read: TrackPackets
) -> None:
    """Check that the packets of ``parts``, each with its begin in the film, were ``read`` one after
    another. Raises ProcessingFailed."""
    count = sum(track.count for _, track in parts)
    if read.count != count:
        raise ProcessingFailed(f"{NAMES[kind]}: {read.count} packets of {count} were joined")
    if not is_timed(read):
        return
    at = 0
    for begins, track in parts:
        slice_ = TrackPackets(kind, read.tick, read.decoded[at : at + track.count])
        slice_.shown = read.shown[at : at + track.count]
        at += track.count
        if not track.count or not is_timed(track):
            continue
        by = slice_.decoded[0] * read.tick - begins - track.decoded[0] * track.tick
        if abs(by) > _PLACED:
            raise ProcessingFailed(f"{NAMES[kind]}: a part at {begins:.3f} s moved by {by:.3f} s")
        moved = _moved(track, slice_)
        if moved is not None:
            raise ProcessingFailed(
                f"{NAMES[kind]}: joined packet {moved[0]} moved by {moved[1]:.3f} s"
            )


def verify_pieces(parts: Sequence[PlacedPart], read: Packets) -> None:
    """Check that most of each piece was ``read``, at the time of its own clock. Raises
    ProcessingFailed.

    A container's count may differ from that of packets: two fields may be one picture. The last
    packet of a cut piece may be left out.
    """
    for part in parts:
        for name, span in _on_one_clock(part):
            for track in heard_and_seen(part, span).values():
                packets = read.get(track.kind)
                if packets is None or not is_timed(packets):
                    continue
                begin = in_film(part, track.first)
                if begin < part.kinds[track.kind] - _ROUNDED:
                    continue  # packets before the first key frame
                about = _PLACED if track.count == 1 else _NEAR
                end = begin + _around(track.last - track.first, part.period)
                if part.until is not None and end >= part.until:
                    continue
                found = packets.between(begin - about, end + about)
                if found < (track.count // 2 if span.is_cut else max(1, track.count // 2)):
                    raise ProcessingFailed(
                        f"{name}: {found} packets of about {track.count} of the "
                        f"{NAMES[track.kind]} at {begin:.3f} s of the film"
                    )


def verify_counts(parts: Sequence[PlacedPart]) -> None:
    """Check that every packet was read, if the container counts exactly. Raises ProcessingFailed.

    Only packets before the first key frame are left out.
    """
    for part in parts:
        if not all(span.is_counted and not span.is_cut for _, span in part.spans):
            continue
        pieces = [heard_and_seen(part, span) for _, span in part.spans]
        for kind, found in part.counts.items():
            tracks = [tracks[kind] for tracks in pieces if kind in tracks]
            right = sum(track.count for track in tracks)
            begun = part.kinds.get(kind, 0.0)
            early = [track for track in tracks if in_film(part, track.first) < begun - _ROUNDED]
            if tracks and not right - sum(track.count for track in early) <= found <= right:
                raise ProcessingFailed(
                    f"{NAMES[kind]}: {found} packets of {right} that the fragments hold from "
                    f"{part.begins:.3f} s of the film on"
                )


def _on_one_clock(part: PlacedPart) -> Iterator[tuple[str, PieceSpan]]:
    """Yield the pieces of a part, up to one whose clock jumps within it."""
    return itertools.takewhile(lambda named: not named[1].jumps, part.spans)


def heard_and_seen(part: PlacedPart, span: PieceSpan) -> dict[str, TrackSpan]:
    """Return the track of each kind that goes into the film."""
    by_kind: dict[str, dict[int, TrackSpan]] = {}
    for number, each in span.tracks.items():
        by_kind.setdefault(each.kind, {})[number] = each
    found = {}
    for kind, tracks in by_kind.items():
        if kind not in part.kinds:
            continue
        if len(tracks) == 1:
            found[kind] = next(iter(tracks.values()))
        elif (track := tracks.get(part.numbers.get(kind, 0))) is not None:
            found[kind] = track
    return found


def in_film(part: PlacedPart, time: float) -> float:
    return _around(time - part.start, part.period) + part.begins


def _around(seconds: float, period: float | None) -> float:
    if period is None:
        return seconds
    return (seconds + period / 2) % period - period / 2
