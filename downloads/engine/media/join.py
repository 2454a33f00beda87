"""Sources that change midway (a discontinuity, another init): each part separately, then joined.

The clock may jump between two parts and the encoding may change, so they cannot be read as one:
each is copied into a file that begins at zero; lists of these, one for the picture and one for the
sound, give the start of each, and are the input of the final file.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from downloads.engine.core.disk import disk_errors
from downloads.engine.core.errors import ProcessingFailed, UnsupportedCodec
from downloads.engine.core.media import StreamKind
from downloads.engine.media import command, ffmpeg, opening, timeline, tracks
from downloads.engine.media.clipping import WHOLE, Clip, clip_of
from downloads.engine.media.command import FfmpegInput, Tracks
from downloads.engine.media.film_clock import PartStart
from downloads.engine.media.formats import DEMUXERS
from downloads.engine.media.inputs import Feed, MediaInput
from downloads.engine.media.inspect import look
from downloads.engine.media.job import FfmpegJob
from downloads.engine.media.media_track import MediaTrack
from downloads.engine.media.opening import KnownInput
from downloads.engine.media.packets import TrackPackets, read_packets
from downloads.engine.media.parts import FilmPart, FilmParts
from downloads.engine.media.recipe import Recipe
from downloads.engine.media.scan import AUDIO, VIDEO
from downloads.engine.media.timeline import PartTimes

SHARE: Final = 0.6  # of the work: the other 0.4 is for joining the parts
_MATROSKA: Final = frozenset({"webm", "mkv"})
_CHANGES = "The site changes from picture to sound in its middle. Try another quality."


@dataclass(slots=True)
class JoinedPart:
    """One part as a file in the job's folder. ``packets`` by kind, as they were read for it;
    ``begins`` in the film, and is shown ``until`` so many seconds later."""

    name: str
    kinds: frozenset[str]
    times: PartTimes
    packets: dict[str, TrackPackets]
    source: KnownInput
    is_encoded: bool = False
    clip: Clip = WHOLE
    begins: float = 0.0
    until: float | None = None

    @property
    def shown(self) -> Clip:
        """The shown range of its source."""
        return self.clip if self.until is None else replace(self.clip, until=self.until)

    def end_at(self, time: float) -> None:
        """Cut off the sound that would be heard after ``time`` of the film, when the next part
        begins."""
        room = time - self.begins
        if self.kinds == {AUDIO} and self.times.length > room + timeline.ROUNDED:
            self.until = room
            self.packets = {kind: track.before(room) for kind, track in self.packets.items()}


@dataclass(frozen=True, slots=True)
class Joined:
    """The joined inputs. ``inputs`` are lists of files; ``streams`` the parts that they consist
    of."""

    inputs: list[KnownInput]
    streams: list[list[JoinedPart]]


def has_parts(inputs: Sequence[MediaInput]) -> bool:
    return any(isinstance(each.source, Feed) and each.source.count > 1 for each in inputs)


def join(
    job: FfmpegJob, inputs: Sequence[MediaInput], recipe: Recipe, duration: float | None
) -> Joined:
    """Return inputs without parts: one for the picture, one for the sound.

    Raises ProcessingFailed, UnsupportedCodec, DiskFull, InternalError, Stopped, and what a feed
    raises.
    """
    count = sum(each.source.count if isinstance(each.source, Feed) else 1 for each in inputs)
    seconds = duration / count if duration else None
    streams = [
        _Stream(job, recipe, place, seconds, SHARE / count).make(
            each, has_sound=_gives(each, inputs)
        )
        for place, each in enumerate(inputs)
    ]
    ordered = sorted(streams, key=lambda parts: VIDEO not in _kinds(parts))
    begins = timeline.place([[part.times for part in parts] for parts in ordered])
    for parts, times in zip(ordered, begins, strict=True):
        for part, at in zip(parts, times, strict=True):
            part.begins = at
        for part, after in itertools.pairwise(parts):
            part.end_at(after.begins)
        _fill_silence(job, parts)
    lists = [
        _listed(job, place, parts, kind)
        for place, parts in enumerate(streams)
        for kind in (VIDEO, AUDIO)
        if kind in _kinds(parts)
    ]
    return Joined(lists, streams)


def _gives(each: MediaInput, inputs: Sequence[MediaInput]) -> bool:
    """Return if the sound is taken from it: no other stream exists for the sound alone."""
    others = any(other.kind is StreamKind.AUDIO for other in inputs)
    return each.kind is StreamKind.AUDIO or not others


def _kinds(parts: Sequence[JoinedPart]) -> frozenset[str]:
    return frozenset().union(*(part.kinds for part in parts))


class _Stream:
    """A stream being written to files, one for each part."""

    def __init__(
        self, job: FfmpegJob, recipe: Recipe, place: int, seconds: float | None, share: float
    ) -> None:
        self._job = job
        # With the picture even if sound alone is requested: it gives the length of a mute part.
        self._recipe = replace(recipe, video=True, audio_codec="")
        self._has_sound = True
        self._place = place
        self._seconds = seconds  # of a part, roughly
        self._share = share
        self._picture: MediaTrack | None = None  # of the first part
        self._sound: MediaTrack | None = None  # the format for the sound of every part
        self._suffix = ""
        self._made: list[JoinedPart] = []
        self._written = 0

    def make(self, each: MediaInput, *, has_sound: bool) -> list[JoinedPart]:
        self._has_sound = has_sound
        language = self._recipe.language
        if isinstance(each.source, Path):
            (ready,) = opening.open_all(self._job, [_described(each, each.source)], language)
            self._add(ready, None)
        else:
            for part in FilmParts(each.source.read()):
                (ready,) = opening.open_all(self._job, [_described(each, part)], language)
                self._add(ready, part)
        if not self._made:
            raise ProcessingFailed("a stream without a byte")
        return self._made

    def _write(
        self, name: str, ready: KnownInput, tracks: Tracks, clip: Clip
    ) -> dict[str, TrackPackets]:
        """Write the part to the file of this name, and return its packets by kind."""
        job, listed = self._job, f"{name}.packets.txt"
        job.course.begin(self._share, self._written)
        ffmpeg.run(
            command.part([ready.opened], tracks, name, job.config.threads, listed, clip),
            job.folder,
            job.config,
            aim=ffmpeg.Aim(job.folder / name, self._seconds),
            course=job.course,
            feeds=opening.feeds(job, [ready]),
            read=opening.reads([ready]),
            stop=job.stop,
        )
        self._written += (job.folder / name).stat().st_size
        return read_packets(job.folder / listed)

    def _add(self, ready: KnownInput, part: FilmPart | None) -> None:
        """Add a part, as a file."""
        self._suffix = self._suffix or _suffix(ready)
        number = len(self._made)
        name = f"part-{self._place}-{number}.{self._suffix}"
        chosen = self._tracks(ready)
        clip = _clip(ready, part)
        packets = self._write(name, ready, chosen, clip)
        kinds = frozenset(kind for kind, track in packets.items() if track.count)
        if not kinds and clip != WHOLE:
            return  # nothing of it is shown
        if not kinds:
            raise ProcessingFailed(f"part {number + 1} has neither picture nor sound")
        if self._made and (VIDEO in kinds) is not (VIDEO in self._made[0].kinds):
            raise ProcessingFailed("tracks change between parts", message=_CHANGES)
        if clip.skipped:  # lists of files take each from its first packet on
            late = min(track.begin for track in packets.values() if track.count)
            packets = {kind: track.earlier(late) for kind, track in packets.items()}
            clip = clip.later(late)
        times = _times(ready, part, packets, clip)
        encoded = bool(chosen.sound_codec)
        self._made.append(JoinedPart(name, kinds, times, packets, ready, encoded, clip))

    def _tracks(self, ready: KnownInput) -> Tracks:
        """Return the tracks of this part; its sound converted to the format of the first part's if
        it differs."""
        chosen = tracks.choose([ready], self._recipe, must=False)
        if not self._has_sound:
            chosen = replace(chosen, audio=None)
        if chosen.video is not None and (video := ready.printed.video):
            self._check_picture(video)
            # For H.264 ffmpeg does so when it joins.
            chosen = replace(chosen, hevc_in_band=video.codec == "hevc")
        sound = ready.printed.audio if chosen.audio is not None else None
        if sound is None:
            return chosen
        if self._sound is None:
            self._sound = sound
        return _alike(chosen, sound, self._sound)

    def _check_picture(self, video: MediaTrack) -> None:
        """Raise UnsupportedCodec if the picture's changes: a file holds one; MSE players can change
        theirs (changeType)."""
        self._picture = self._picture or video
        if video.codec != self._picture.codec:
            raise _changes("picture", self._picture, video)


def _changes(what: str, first: MediaTrack, other: MediaTrack) -> UnsupportedCodec:
    return UnsupportedCodec(
        f"the {what} changes from {first} to {other}",
        message=f"The site's {what} changes its codec midway, from {first.codec} to "
        f"{other.codec}, and one file cannot hold both. Try another quality.",
    )


def _described(each: MediaInput, source: Path | FilmPart) -> opening.Described:
    offset = source.offset if isinstance(source, FilmPart) else each.offset
    return source, each.kind, each.container, offset


def _clip(ready: KnownInput, part: FilmPart | None) -> Clip:
    if part is None or ready.offset is None or ready.start is None:
        return WHOLE
    return clip_of(part.window, ready.start + ready.offset)


def _times(
    ready: KnownInput, part: FilmPart | None, packets: dict[str, TrackPackets], clip: Clip
) -> PartTimes:
    start = None if ready.start is None else ready.start + ready.shift + clip.skipped
    length = max(track.end for track in packets.values() if track.count)
    mark = part.mark if part else 0
    continues = part.continues if part else False
    tracks = {kind: (track.begin, track.end) for kind, track in packets.items() if track.count}
    return PartTimes(start, length, mark, continues, ready.offset is not None, tracks)


def _alike(tracks: Tracks, sound: MediaTrack, first: MediaTrack) -> Tracks:
    def nature(track: MediaTrack) -> tuple[str, str, int | None, int | None]:
        return (track.codec, track.profile, track.hertz, track.channels)

    if nature(sound) == nature(first):
        return tracks
    if first.codec not in command.CAN_ENCODE or not (first.hertz and first.channels):
        raise _changes("sound", first, sound)
    return replace(tracks, sound_codec=first.codec, resample=(first.hertz, first.channels))


def _suffix(ready: KnownInput) -> str:
    """Return the suffix of the parts' files: MP4 keeps exact times, Matroska takes what came from
    it."""
    return "mkv" if ready.container in _MATROSKA else "mp4"


def _fill_silence(job: FfmpegJob, parts: Sequence[JoinedPart]) -> None:
    """Add silence to inserted parts without sound: players lose the sound at a part that has none.

    If the clock continues, the sound begins later or ends earlier, and stays so.
    """
    if _kinds(parts) != {VIDEO, AUDIO}:
        return
    sound = next(each.source.printed.audio for each in parts if AUDIO in each.kinds)
    runs: list[list[JoinedPart]] = []
    for part in parts:
        if part.times.continues and runs:
            runs[-1].append(part)
        else:
            runs.append([part])
    mute = [part for run in runs if AUDIO not in _kinds(run) for part in run]
    for part in mute:
        if sound is None or sound.codec not in command.CAN_ENCODE or not sound.hertz:
            continue
        name = f"silent-{part.name}"
        arguments = command.silence(part.name, name, sound, part.times.length)
        ffmpeg.judge(ffmpeg.ask(arguments, job.folder, job.config, stop=job.stop))
        part.name, part.kinds = name, part.kinds | {AUDIO}


def _listed(job: FfmpegJob, place: int, parts: Sequence[JoinedPart], kind: str) -> KnownInput:
    """Return a list of the files that have such a track, each lasting until the next begins."""
    having = [part for part in parts if kind in part.kinds]
    lines = ["ffconcat version 1.0"]
    for part, after in zip(having, [*having[1:], None], strict=True):
        lines.append(f"file {part.name}")
        if part.until is not None:
            lines.append(f"outpoint {part.until:.6f}")
        if after is not None:
            lines.append(f"duration {after.begins - part.begins:.6f}")
    listed = job.folder / f"parts-{place}-{kind}.txt"
    with disk_errors():
        listed.write_text("\n".join([*lines, ""]))
    container = having[0].name.rpartition(".")[2]
    opened = FfmpegInput(listed.name, "concat", within=DEMUXERS[container], offset=having[0].begins)
    (printed,) = look([replace(opened, offset=0.0)], job.folder, job.config, stop=job.stop)
    is_video = kind == VIDEO
    known = StreamKind.VIDEO if is_video else StreamKind.AUDIO
    printed = replace(
        printed,
        video=printed.video if is_video else None,
        audio=None if is_video else _as_at_the_source(printed.audio, having[0].source),
    )
    starts = tuple(
        PartStart(part.times.start, part.begins, part.times.mark)
        for part in having
        if part.times.start is not None
    )
    return KnownInput(opened, known, container, printed, starts=starts)


def _as_at_the_source(sound: MediaTrack | None, source: KnownInput) -> MediaTrack | None:
    """Return ``sound`` with its language, which a part's file lacks."""
    known = source.printed.audio
    return replace(sound, language=known.language) if sound and known else sound
