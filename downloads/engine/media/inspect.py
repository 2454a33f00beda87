"""The real content of a file, by ``ffmpeg -i`` in the jail: the wheel has no ffprobe."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import ProcessingFailed
from downloads.engine.media import ffmpeg
from downloads.engine.media.command import FfmpegInput, media
from downloads.engine.media.config import MediaConfig
from downloads.engine.media.formats import HEAD, recognise
from downloads.engine.media.media_track import MediaTrack
from downloads.engine.sandbox import workdirs

# The file's own tags and names are printed with a deeper indent than these.
_INPUT = re.compile(r"Input #(\d+), ")
_DURATION = re.compile(r"  Duration: (?:N/A|(\d+):(\d\d):(\d\d\.\d+))(?:, start: (-?\d+\.\d+))?")
_STREAM = re.compile(
    r"  Stream #\d+:\d+(?:\[0x([0-9a-f]+)\])*(?:\(([^()]*)\))?: (Video|Audio): (\w+)(.*)"
)
_PROFILE = re.compile(r" \(([A-Za-z][\w :.+-]*)\)")
_TAG = re.compile(r" \((\S{4}) / 0x[0-9A-F]{8}\)")
_SIZE = re.compile(r", (\d+)x(\d+)")
_RATE = re.compile(r", (\d+(?:\.\d+)?)(k?) fps")
_HERTZ = re.compile(r", (\d+) Hz, ([^,]+)")
_START = re.compile(r", start (-?\d+\.\d+)")
_CHANNELS = {"mono": 1, "stereo": 2, "2.1": 3, "quad": 4, "5.0": 5, "5.1": 6, "6.1": 7, "7.1": 8}


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """The facts of a file. ``duration`` in seconds, to 10 ms; None if the file does not give it.
    Codecs by ffmpeg's names (``h264``, ``aac``). ``container`` is an extension. ``language``: of
    the sound, as its source names it; often empty."""

    container: str
    duration: float | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    video_codec: str | None = None
    audio_codec: str | None = None
    language: str = ""


@dataclass(frozen=True, slots=True)
class InputReport:
    """The report of one input. Times in seconds; the picture is no cover. ``audio`` is one of its
    ``sounds``."""

    duration: float | None = None
    start: float = 0.0
    video: MediaTrack | None = None
    audio: MediaTrack | None = None
    sounds: tuple[MediaTrack, ...] = ()


def inspect(
    path: Path, config: MediaConfig, *, declared: str = "", stop: StopToken | None = None
) -> MediaFacts:
    """Inspect ``path``. ``declared``: the expected container.

    Raises ProcessingFailed if it is no media, InternalError, Stopped.
    """
    with path.open("rb") as file:
        container = recognise(file.read(HEAD), declared)
    with tempfile.TemporaryDirectory(dir=workdirs.own()) as folder:
        source = path.resolve()
        (printed,) = look(
            [media(source, container)], Path(folder), config, read=[source], stop=stop
        )
    if printed.video is None and printed.audio is None:
        raise ProcessingFailed("neither picture nor sound in it")
    return facts_of(printed, container)


def facts_of(printed: InputReport, container: str) -> MediaFacts:
    video = printed.video or MediaTrack("")
    return MediaFacts(
        container=container,
        duration=printed.duration,
        width=video.width,
        height=video.height,
        fps=video.fps,
        video_codec=video.codec or None,
        audio_codec=printed.audio.codec if printed.audio else None,
    )


def look(
    inputs: Sequence[FfmpegInput],
    folder: Path,
    config: MediaConfig,
    *,
    read: Sequence[Path] = (),
    stop: StopToken | None = None,
) -> list[InputReport]:
    """Return ffmpeg's report of each input. Raises ProcessingFailed if it cannot read one."""
    arguments = [argument for each in inputs for argument in each.arguments(config.threads)]
    finished = ffmpeg.ask(arguments, folder, config, read=read, stop=stop)
    found = parse(finished.stderr)
    if len(found) != len(inputs):
        ffmpeg.judge(finished)
        raise ProcessingFailed("ffmpeg reported nothing about its input")
    return found


def parse(output: str) -> list[InputReport]:
    """Parse the output of ``ffmpeg -i``; lines end with a line feed only. Pure."""
    found: list[InputReport] = []
    for line in output.split("\n"):
        if match := _INPUT.match(line):
            found.append(InputReport())
        elif found and (match := _DURATION.match(line)):
            hours, minutes, seconds, start = match.groups()
            length = (
                None if hours is None else int(hours) * 3600 + int(minutes) * 60 + float(seconds)
            )
            found[-1] = InputReport(length, float(start or 0))
        elif found and (match := _STREAM.match(line)):
            number, language, kind, codec, rest = match.groups()
            track = _track(codec, rest, int(number, 16) if number else None, language or "")
            found[-1] = _with_track(found[-1], kind, track, rest)
    return found


def _with_track(printed: InputReport, kind: str, track: MediaTrack, rest: str) -> InputReport:
    """Return the report with one more track: the first of each kind counts."""
    if kind == "Video" and printed.video is None and "(attached pic)" not in rest:
        return replace(printed, video=track)
    if kind == "Audio":
        track = replace(track, place=len(printed.sounds))
        return replace(printed, audio=printed.audio or track, sounds=(*printed.sounds, track))
    return printed


def _track(codec: str, rest: str, number: int | None, language: str) -> MediaTrack:
    size, rate, hertz = _SIZE.search(rest), _RATE.search(rest), _HERTZ.search(rest)
    profile, tag, start = _PROFILE.match(rest), _TAG.search(rest), _START.search(rest)
    return MediaTrack(
        codec=codec,
        profile=profile[1] if profile else "",
        tag=tag[1] if tag else "",
        width=int(size[1]) if size else None,
        height=int(size[2]) if size else None,
        fps=float(rate[1]) * (1000 if rate[2] else 1) if rate else None,
        hertz=int(hertz[1]) if hertz else None,
        channels=_channels(hertz[2]) if hertz else None,
        start=float(start[1]) if start else 0.0,
        number=number,
        language="" if language == "und" else language,
        is_default="(default)" in rest,
        is_described="(visual impaired)" in rest,
    )


def _channels(layout: str) -> int | None:
    """Return the number of channels of ``stereo``, ``5.1(side)`` or ``3 channels``."""
    match: Final = re.match(r"(\d+) channels", layout)
    return int(match[1]) if match else _CHANNELS.get(layout.split("(")[0].strip())
