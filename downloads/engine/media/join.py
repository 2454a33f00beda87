"""Sources that change midway (a discontinuity, another init): each part by itself, then joined.

The clock may jump between two parts and the encoding may change, so they cannot be read as one:
each is copied into a file that begins at zero, and is as long as it really is; the list of these
is what the whole is made of. Parts of picture and sound that belong together stay so.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from downloads.engine.core.errors import ProcessingFailed
from downloads.engine.core.media import StreamKind
from downloads.engine.media import command, ffmpeg, opening, tracks
from downloads.engine.media.command import FfmpegInput, Tracks, media
from downloads.engine.media.film_clock import PartStart
from downloads.engine.media.formats import DEMUXERS
from downloads.engine.media.inputs import Blocks, Feed, MediaInput
from downloads.engine.media.inspect import MediaTrack, look
from downloads.engine.media.job import FfmpegJob, disk_errors
from downloads.engine.media.opening import KnownInput
from downloads.engine.media.recipe import Recipe

SHARE: Final = 0.6  # of the work: the other 0.4 is for putting the parts together
_MATROSKA: Final = frozenset({"webm", "mkv"})
_CHANGES = "The source changes from picture to sound in its middle. Try another quality."


@dataclass(frozen=True, slots=True)
class Lane:
    """Inputs whose parts belong together, one of each."""

    inputs: tuple[MediaInput, ...]
    count: int


def has_parts(inputs: Sequence[MediaInput]) -> bool:
    return any(_count(each) > 1 for each in inputs)


def join(
    job: FfmpegJob, inputs: Sequence[MediaInput], recipe: Recipe, duration: float | None
) -> list[KnownInput]:
    """Inputs without parts, one a lane; files in the job's folder.

    Raises ProcessingFailed, DiskFull, InternalError, Stopped, and what a feed raises.
    """
    lanes = _lanes(inputs)
    count = sum(lane.count for lane in lanes)
    found = []
    for place, lane in enumerate(lanes):
        seconds = duration / lane.count if duration else None
        found.append(_Joined(job, recipe, place, seconds, SHARE / count).make(lane))
    return found


def _count(each: MediaInput) -> int:
    return each.source.count if isinstance(each.source, Feed) else 1


def _lanes(inputs: Sequence[MediaInput]) -> list[Lane]:
    counts = {_count(each) for each in inputs}
    if len(counts) == 1:
        return [Lane(tuple(inputs), counts.pop())]
    return [Lane((each,), _count(each)) for each in inputs]


class _Joined:
    """One lane on its way to being one input."""

    def __init__(
        self, job: FfmpegJob, recipe: Recipe, place: int, seconds: float | None, share: float
    ) -> None:
        self._job = job
        self._recipe = recipe
        self._place = place
        self._seconds = seconds  # of a part, about
        self._share = share
        self._sound: MediaTrack | None = None  # what the sound of every part is to be like
        self._has_video: bool | None = None
        self._names: list[str] = []
        self._starts: list[float] = []  # of the parts, on their sources' clocks
        self._written = 0

    def make(self, lane: Lane) -> KnownInput:
        suffix = ""
        for parts in _parts(lane):
            ready = opening.open_all(self._job, parts)
            suffix = suffix or _suffix(ready)
            self._add(ready, suffix)
        listed = self._job.folder / f"parts-{self._place}.txt"
        lines = ["ffconcat version 1.0", *(f"file {name}" for name in self._names), ""]
        with disk_errors():
            listed.write_text("\n".join(lines))
        container = suffix
        opened = FfmpegInput(listed.name, "concat", within=DEMUXERS[container])
        kind = lane.inputs[0].kind if len(lane.inputs) == 1 else StreamKind.MUXED
        (printed,) = look([opened], self._job.folder, self._job.config, stop=self._job.stop)
        return KnownInput(opened, kind, container, printed, starts=self._placed(container))

    def _placed(self, container: str) -> tuple[PartStart, ...]:
        """Where each part begins in the film: where the one before it ends."""
        files = [media(name, container) for name in self._names]
        found = look(files, self._job.folder, self._job.config, stop=self._job.stop)
        begins = [0.0, *itertools.accumulate(each.duration or 0.0 for each in found)]
        return tuple(
            PartStart(start, begin, mark)
            for mark, (start, begin) in enumerate(zip(self._starts, begins, strict=False))
        )

    def _add(self, ready: Sequence[KnownInput], suffix: str) -> None:
        """One more part, as a file."""
        name = f"part-{self._place}-{len(self._names)}.{suffix}"
        output = self._job.folder / name
        self._job.course.begin(self._share, self._written)
        ffmpeg.run(
            command.part(
                [each.opened for each in ready], self._tracks(ready), name, self._job.config.threads
            ),
            self._job.folder,
            self._job.config,
            aim=ffmpeg.Aim(output, self._seconds),
            course=self._job.course,
            feeds=opening.feeds(self._job, ready),
            read=opening.reads(ready),
            stop=self._job.stop,
        )
        self._written += output.stat().st_size
        self._names.append(name)
        self._starts.append(min(each.printed.start - each.opened.offset for each in ready))

    def _tracks(self, ready: Sequence[KnownInput]) -> Tracks:
        """What this part gives; its sound made like the first part's where it is not."""
        chosen = replace(tracks.choose(ready, self._recipe), sound_codec="")
        has_video = chosen.video is not None
        if self._has_video is None:
            self._has_video = has_video
        if has_video is not self._has_video:  # the tracks of all parts are matched by place
            raise ProcessingFailed("tracks change between parts", message=_CHANGES)
        if chosen.video is not None and (video := ready[chosen.video].printed.video):
            # For H.264 ffmpeg sees to it when it joins.
            chosen = replace(chosen, hevc_in_band=video.codec == "hevc")
        sound = ready[chosen.audio].printed.audio if chosen.audio is not None else None
        if sound is None:
            return chosen
        if self._sound is None:
            self._sound = sound
        return _alike(chosen, sound, self._sound)


def _alike(chosen: Tracks, sound: MediaTrack, first: MediaTrack) -> Tracks:
    def nature(track: MediaTrack) -> tuple[str, str, int | None, int | None]:
        return (track.codec, track.profile, track.hertz, track.channels)

    if nature(sound) == nature(first):
        return chosen
    if first.codec not in command.CAN_ENCODE or not (first.hertz and first.channels):
        raise ProcessingFailed(f"sound changes from {nature(first)} to {nature(sound)}")
    return replace(chosen, sound_codec=first.codec, resample=(first.hertz, first.channels))


def _suffix(ready: Iterable[KnownInput]) -> str:
    """Of the parts' files: MP4 keeps time exactly, Matroska takes what came from it."""
    return "mkv" if {each.container for each in ready} <= _MATROSKA else "mp4"


def _parts(lane: Lane) -> Iterator[list[tuple[Path | Blocks, StreamKind, str]]]:
    """Part after part: of each input one. An input that is a file is one part."""
    sources = [
        each.source.parts if isinstance(each.source, Feed) else (each.source,)
        for each in lane.inputs
    ]
    for parts in zip(*sources, strict=True):
        yield [
            (part, each.kind, each.container) for part, each in zip(parts, lane.inputs, strict=True)
        ]
