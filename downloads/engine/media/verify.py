"""The verdict on a finished file: every packet that came is in it once, in order, in its place.

What was lost, doubled or displaced here is an error; what the source lacks is told in a note.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from downloads.engine.core.errors import ProcessingFailed
from downloads.engine.core.humanize import clock
from downloads.engine.core.notes import Notes
from downloads.engine.media.packets import NONE, TrackPackets
from downloads.engine.media.scan import AUDIO, VIDEO, PieceSpan, TrackSpan

_NAMES: Final = {VIDEO: "picture", AUDIO: "sound"}
_ROUNDED: Final = 0.003  # seconds: by the ticks of two containers
_APART: Final = 0.03  # seconds that picture and sound may be moved against each other
_PLACED: Final = 0.1  # seconds
_NEAR: Final = 0.01  # seconds
_FEW: Final = 0.01  # of the packets
_TOLD: Final = 1.0  # seconds: what is shorter is not worth a note
_MOST_HOLES: Final = 3  # that are told one by one

Packets = dict[str, TrackPackets]


@dataclass(frozen=True, slots=True)
class PlacedPart:
    """Pieces of one part of one stream: ``start`` on their clock is ``begins`` in the film.

    ``kinds``: what of it goes into the film, and when the first packet of each does. ``period``:
    seconds after which its clock begins again. ``numbers``: of the track of each kind that goes
    into the film, where there are several.
    """

    spans: Sequence[tuple[str, PieceSpan]]
    start: float
    begins: float
    kinds: dict[str, float]
    period: float | None = None
    numbers: Mapping[str, int] = field(default_factory=dict)


def verify_kinds(made: Packets, wanted: Sequence[str]) -> None:
    """Raises ProcessingFailed where a track is missing from the file."""
    for kind in wanted:
        if kind not in made or not made[kind].count:
            raise ProcessingFailed(f"the {_NAMES[kind]} is missing from the file")


def verify_written(read: Packets, made: Packets) -> None:
    """``made`` holds what was ``read``, each packet in its place. Raises ProcessingFailed."""
    for kind, source in read.items():
        track = made.get(kind)
        if track is None or track.count != source.count:
            count = track.count if track else 0
            raise ProcessingFailed(f"{_NAMES[kind]}: {count} packets of {source.count}")
        moved = _moved(source, track)
        if moved is not None:
            raise ProcessingFailed(f"{_NAMES[kind]}: packet {moved[0]} moved by {moved[1]:.3f} s")
    if VIDEO in read and AUDIO in read and _is_timed(read[VIDEO]) and _is_timed(read[AUDIO]):
        apart = read[AUDIO].begin - read[VIDEO].begin
        found = made[AUDIO].begin - made[VIDEO].begin
        if abs(apart - found) > _APART:
            raise ProcessingFailed(
                f"the sound begins {found:.3f} s after the picture, not {apart:.3f}"
            )


def _is_timed(track: TrackPackets) -> bool:
    return track.count > 0 and NONE not in (track.decoded[0], track.shown[0])


def _moved(source: TrackPackets, track: TrackPackets) -> tuple[int, float] | None:
    """The first packet that is not shown as long after the first one as it was, and by how much.

    When one is decoded Matroska does not say. A few that a broken source told to be shown before
    they are decoded are put right by ffmpeg, each by no more than a moment.
    """
    if not _is_timed(source):
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
    """The packets of ``parts``, each with when it begins in the film, were ``read`` one after
    another. Raises ProcessingFailed."""
    count = sum(track.count for _, track in parts)
    if read.count != count:
        raise ProcessingFailed(f"{_NAMES[kind]}: {read.count} packets of {count} were joined")
    if not _is_timed(read):
        return
    at = 0
    for begins, track in parts:
        slice_ = TrackPackets(kind, read.tick, read.decoded[at : at + track.count])
        slice_.shown = read.shown[at : at + track.count]
        at += track.count
        if not track.count or not _is_timed(track):
            continue
        by = slice_.decoded[0] * read.tick - begins - track.decoded[0] * track.tick
        if abs(by) > _PLACED:
            raise ProcessingFailed(f"{_NAMES[kind]}: a part at {begins:.3f} s moved by {by:.3f} s")
        moved = _moved(track, slice_)
        if moved is not None:
            raise ProcessingFailed(
                f"{_NAMES[kind]}: joined packet {moved[0]} moved by {moved[1]:.3f} s"
            )


def verify_pieces(parts: Sequence[PlacedPart], read: Packets) -> None:
    """Most of each piece was ``read``, when its own clock says. Raises ProcessingFailed.

    What a container counts need not be packets: two fields may be one picture.
    """
    for part in parts:
        for name, track in _tracks(part):  # as far as its clock does not jump within a piece
            packets = read.get(track.kind)
            if packets is None or not _is_timed(packets):
                continue
            begin = _around(track.first - part.start, part.period) + part.begins
            if begin < part.kinds[track.kind] - _ROUNDED:
                continue  # what comes before the first picture that can be shown alone is left out
            about = _PLACED if track.count == 1 else _NEAR
            end = begin + _around(track.last - track.first, part.period)
            found = packets.between(begin - about, end + about)
            if found < max(1, track.count // 2):
                raise ProcessingFailed(
                    f"{name}: {found} packets of about {track.count} of the {_NAMES[track.kind]} "
                    f"at {begin:.3f} s of the film"
                )


def _tracks(part: PlacedPart) -> Iterator[tuple[str, TrackSpan]]:
    """The one of each kind that goes into the film."""
    for name, span in part.spans:
        if span.jumps:
            return
        by_kind: dict[str, dict[int, TrackSpan]] = {}
        for number, each in span.tracks.items():
            by_kind.setdefault(each.kind, {})[number] = each
        for kind, tracks in by_kind.items():
            if kind not in part.kinds:
                continue
            if len(tracks) == 1:
                yield name, next(iter(tracks.values()))
            elif (track := tracks.get(part.numbers.get(kind, 0))) is not None:
                yield name, track


def _around(seconds: float, period: float | None) -> float:
    if period is None:
        return seconds
    return (seconds + period / 2) % period - period / 2


def tell_lacks(made: Packets, notes: Notes) -> None:
    """Note what the film lacks at its source: late or early ends, and holes."""
    video, audio = made.get(VIDEO), made.get(AUDIO)
    if video and audio and _is_timed(video) and _is_timed(audio):
        _tell_ends(video, audio, notes)
    for kind, track in made.items():
        if _is_timed(track):
            _tell_holes(kind, track, notes)


def _tell_ends(video: TrackPackets, audio: TrackPackets, notes: Notes) -> None:
    late, early = audio.begin - video.begin, video.end - audio.end
    if late > _TOLD:
        notes.add(f"The sound begins {late:.1f} s after the picture, as at the source.")
    if late < -_TOLD:
        notes.add(f"The picture begins {-late:.1f} s after the sound, as at the source.")
    if early > _TOLD:
        notes.add(f"The sound ends {early:.1f} s before the picture, as at the source.")
    if early < -_TOLD:
        notes.add(f"The picture ends {-early:.1f} s before the sound, as at the source.")


def _tell_holes(kind: str, track: TrackPackets, notes: Notes) -> None:
    holes = track.holes(_TOLD)
    if len(holes) > _MOST_HOLES:
        at, longest = max(holes, key=lambda hole: hole[1])
        notes.add(
            f"The {_NAMES[kind]} has {len(holes)} gaps at the source, the longest of "
            f"{longest:.1f} s at {clock(at)}."
        )
        return
    for at, long in holes:
        notes.add(f"The {_NAMES[kind]} has a gap of {long:.1f} s at {clock(at)}, as at the source.")
