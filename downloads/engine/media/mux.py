"""The mux: from inputs to one finished file."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from downloads.engine.core import disk
from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.disk import disk_errors
from downloads.engine.core.errors import ProcessingFailed
from downloads.engine.core.media import Source
from downloads.engine.core.notes import Notes
from downloads.engine.core.progress import Progress, unreported
from downloads.engine.media import command, ffmpeg, index, join, opening, timeline, tracks
from downloads.engine.media import cover as covers
from downloads.engine.media.command import ExtraInputs, Tracks
from downloads.engine.media.config import MediaConfig
from downloads.engine.media.film_clock import FilmClock, PartStart
from downloads.engine.media.formats import HOLDS_COVER, MP4_FAMILY, MUXERS
from downloads.engine.media.inputs import Feed, MediaInput, SubtitleFile
from downloads.engine.media.inspect import MediaFacts, inspect
from downloads.engine.media.job import FfmpegJob, scratch
from downloads.engine.media.metadata import ffmetadata, iso_language
from downloads.engine.media.opening import KnownInput
from downloads.engine.media.parts import ClockJumps, FilmPart, FilmParts
from downloads.engine.media.progress import Course
from downloads.engine.media.recipe import Recipe, fitting
from downloads.engine.media.timeline import PartTimes
from downloads.engine.media.verdict import READ, judge_film
from downloads.engine.sandbox import launchers

FOLDER: Final = "mux"

Subtitles = Callable[[FilmClock], Sequence[SubtitleFile]]


def no_subtitles(clock: FilmClock) -> Sequence[SubtitleFile]:
    return ()


@dataclass(frozen=True, slots=True)
class MuxRequest:
    """A film to merge from ``inputs``.

    ``facts`` become its metadata. ``subtitles`` are requested once its clock is known.
    ``duration``: its expected seconds. ``one_pass``: keep room for a large MP4's index, at the risk
    of NoRoom, after which the inputs must be given again. ``notes`` takes the defects of the
    source.
    """

    inputs: Sequence[MediaInput]
    recipe: Recipe
    facts: Source
    cover: Path | None = None
    subtitles: Subtitles = no_subtitles
    duration: float | None = None
    one_pass: bool = False
    notes: Notes = field(default_factory=Notes)


def mux(
    request: MuxRequest,
    output: Path,
    config: MediaConfig,
    *,
    stop: StopToken | None = None,
    on_progress: Callable[[Progress], None] = unreported,
) -> MediaFacts:
    """Merge what is requested into ``output``; complete and on disk, or not at all.

    A folder ``mux`` beside it holds unfinished files; it is emptied first, and removed afterwards.
    The returned ``container`` may differ from its extension (see ``recipe.fitting``).

    Raises ProcessingFailed, DiskFull, StorageUnavailable, InternalError, Stopped, and what a feed
    raises.
    """
    if request.recipe.ext not in MUXERS:
        raise ProcessingFailed(f"no way to make .{request.recipe.ext}")
    launchers.prepare(2)  # the first inspects while the inputs still come, the second merges
    with scratch(output.parent / FOLDER) as folder:
        job = FfmpegJob(folder.resolve(), config, stop or StopToken(), Course(on_progress))
        try:
            made, found = _make(job, request, in_parts=join.has_parts(request.inputs))
        except ClockJumps:
            job.course.restart()
            made, found = _make(job, request, in_parts=True)
        disk.sync_and_move(made, output, job.stop)
    return found


def _make(job: FfmpegJob, request: MuxRequest, *, in_parts: bool) -> tuple[Path, MediaFacts]:
    """Return the finished file, in the job's folder, verified. Raises ClockJumps if an input that
    was taken for one part is several."""
    inputs, recipe = request.inputs, request.recipe
    joined = join.join(job, inputs, recipe, request.duration) if in_parts else None
    ready = joined.inputs if joined else _whole(job, inputs, recipe.language)
    chosen = _chosen(ready, recipe)
    recipe = fitting(recipe, _sound_alone(ready, chosen))
    tracks.tell_language(chosen, ready, recipe, request.notes)
    clock = replace(_clock(ready, chosen), length=request.duration or _longest(ready))
    extras = _extras(job, request.facts, request.cover, request.subtitles(clock), recipe)
    made = job.folder / f"made.{recipe.ext}"
    job.course.begin(1 - join.SHARE if joined else 1.0)
    launchers.prepare(2)  # the other one inspects the result
    _run(job, ready, chosen, extras, recipe, made, request.duration, one_pass=request.one_pass)
    found = inspect(made, job.config, declared=recipe.ext, stop=job.stop)
    _read_on(job, ready)
    streams = joined.streams if joined else []
    judge_film(job, made, recipe, chosen, ready, streams, request.notes)
    return made, replace(found, container=recipe.ext, language=tracks.language(chosen, ready))


def _read_on(job: FfmpegJob, inputs: Sequence[KnownInput]) -> None:
    """Read the rest of a feed that ffmpeg took for ended: it would be missing from the film."""
    for each in inputs:
        for _ in each.part.blocks if each.part else ():
            job.stop.check()


def _whole(job: FfmpegJob, inputs: Sequence[MediaInput], language: str) -> list[KnownInput]:
    """Return the inputs, each taken for one part. Its feed raises ClockJumps if it is several."""
    sources: list[opening.Described] = []
    for each in inputs:
        source = each.source
        part = FilmParts(source.read(), is_one=True).begin() if isinstance(source, Feed) else source
        if part is None:
            raise ProcessingFailed("a stream without a byte")
        offset = part.offset if isinstance(part, FilmPart) else each.offset
        sources.append((part, each.kind, each.container, offset))
    return _on_one_clock(inputs, opening.open_all(job, sources, language))


def _on_one_clock(inputs: Sequence[MediaInput], ready: Sequence[KnownInput]) -> list[KnownInput]:
    """Return the inputs on one clock. By default ffmpeg lets each input begin at zero: sound that
    begins a little after the picture would come too early."""
    times = [_times(each, known) for each, known in zip(inputs, ready, strict=True)]
    places = sorted(range(len(ready)), key=lambda place: ready[place].printed.video is None)
    begins = timeline.place([[times[place]] for place in places])
    placed = list(ready)
    for place, (at,) in zip(places, begins, strict=True):
        opened = replace(ready[place].opened, offset=at)
        placed[place] = replace(ready[place], opened=opened)
    return placed


def _times(each: MediaInput, known: KnownInput) -> PartTimes:
    feed = each.source if isinstance(each.source, Feed) else None
    start = None if known.start is None else known.start + known.shift
    length = feed.seconds if feed else known.printed.duration
    return PartTimes(start, length or 0.0, is_declared=known.offset is not None)


def _chosen(ready: Sequence[KnownInput], recipe: Recipe) -> Tracks:
    chosen = tracks.choose(ready, recipe)
    tracks.fit(chosen, ready, recipe)
    return replace(chosen, video_tag=tracks.video_tag(chosen, ready, recipe))


def _sound_alone(ready: Sequence[KnownInput], tracks: Tracks) -> str | None:
    """Return the codec of the sound if there is no picture; else None."""
    sound = ready[tracks.audio].printed.audio if tracks.audio is not None else None
    return sound.codec if sound and tracks.video is None else None


def _clock(ready: Sequence[KnownInput], tracks: Tracks) -> FilmClock:
    """Return the film's clock: its begin on the picture's clock, which subtitles refer to."""
    place = tracks.audio if tracks.video is None else tracks.video
    if place is None:
        return FilmClock()
    known = ready[place]
    if known.starts:
        return FilmClock(known.starts)
    if known.start is None:
        return FilmClock()
    return FilmClock((PartStart(known.start + known.shift - known.opened.offset),))


def _longest(ready: Sequence[KnownInput]) -> float | None:
    """Return the longest length in seconds, of the inputs that are known to their end."""
    lengths = [each.printed.duration for each in ready if each.blocks is None]
    return max((length for length in lengths if length), default=None)


def _extras(
    job: FfmpegJob,
    facts: Source,
    cover: Path | None,
    subtitles: Sequence[SubtitleFile],
    recipe: Recipe,
) -> ExtraInputs:
    """Write cover, subtitles and metadata into the job's folder."""
    embedded = []
    with disk_errors():
        (job.folder / "facts.txt").write_text(ffmetadata(facts), encoding="utf-8")
        for place, each in enumerate(subtitles if recipe.embed_subtitles else ()):
            name = f"subtitle-{place}.vtt"
            shutil.copyfile(each.inside or each.path, job.folder / name)
            embedded.append((name, iso_language(each.language)))
    picture = covers.add(job, cover) if cover and recipe.ext in HOLDS_COVER else ""
    return ExtraInputs("facts.txt", picture, tuple(embedded))


def _run(
    job: FfmpegJob,
    ready: Sequence[KnownInput],
    tracks: Tracks,
    extras: ExtraInputs,
    recipe: Recipe,
    output: Path,
    duration: float | None,
    *,
    one_pass: bool,
) -> None:
    opened = [each.opened for each in ready]
    expected = duration or _longest(ready)
    in_front = recipe.ext in MP4_FAMILY
    room = _room(job, ready, tracks, extras, expected) if in_front and one_pass else 0
    ffmpeg.run(
        command.whole(opened, tracks, extras, recipe, output.name, job.config.threads, READ, room),
        job.folder,
        job.config,
        aim=ffmpeg.Aim(output, expected, rewrites=in_front and not room),
        course=job.course,
        feeds=opening.feeds(job, ready),
        read=opening.reads(ready),
        stop=job.stop,
    )


def _room(
    job: FfmpegJob,
    ready: Sequence[KnownInput],
    tracks: Tracks,
    extras: ExtraInputs,
    seconds: float | None,
) -> int:
    """Return the bytes of space for an MP4's index; 0 with subtitles, whose number of lines is not
    known yet."""
    if extras.subtitles:
        return 0
    video = ready[tracks.video].printed.video if tracks.video is not None else None
    audio = ready[tracks.audio].printed.audio if tracks.audio is not None else None
    with disk_errors():
        extra_names = [extras.metadata, extras.cover]
        size = sum((job.folder / name).stat().st_size for name in extra_names if name)
    return index.room(video, audio, seconds, size)
