"""ffmpeg's arguments. Pure.

They contain nothing from outside: no title, no name, no path of a source. Files have our names and
are in ffmpeg's working folder; one elsewhere is given by its absolute path.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from downloads.engine.media.clipping import WHOLE, Clip
from downloads.engine.media.formats import (
    DEMUXERS,
    HOLDS_COVER,
    MP4_FAMILY,
    MUXERS,
    SUBTITLE_CODECS,
)
from downloads.engine.media.media_track import MediaTrack
from downloads.engine.media.recipe import Recipe

GLOBAL: Final = ("-hide_banner", "-nostdin", "-y", "-nostats")
QUIET: Final = ("-v", "error")
PROGRESS: Final = ("-progress", "pipe:1", "-stats_period", "0.25")
# Two runs over the same bytes make the same file: no clock, no random ids.
_SAME: Final = ("-fflags", "+bitexact")
# Packets between two of its threads: with its own 8, a file and the list of its packets are
# written by threads that wait for each other at every packet (a quarter of its processor time).
_QUEUED: Final = ("-thread_queue_size", "64")
_AS_LONG_AS_IT_TAKES: Final = "3600000000"  # microseconds
_ENCODERS: Final = {
    "mp3": ("libmp3lame", "-q:a", "2"),
    "aac": ("aac", "-b:a", "160k"),
    "opus": ("libopus", "-b:a", "128k"),
    "ac3": ("ac3", "-b:a", "192k"),
    "eac3": ("eac3", "-b:a", "192k"),
    "flac": ("flac",),
    "alac": ("alac",),
    "mp2": ("mp2", "-b:a", "192k"),
    "vorbis": ("libvorbis", "-q:a", "4"),
}
_LAYOUTS: Final = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}
CAN_ENCODE: Final = frozenset(_ENCODERS)


@dataclass(frozen=True, slots=True)
class FfmpegInput:
    """One input of ffmpeg: ``name`` in its folder, or an absolute path.

    Only ``demuxer`` may read it, and ``within`` if it opens others. ``offset``: seconds that it
    begins after the earliest. ``probed``: bytes that are searched for its tracks.
    """

    name: str
    demuxer: str
    within: str = ""
    offset: float = 0.0
    probed: int = 0

    def arguments(self, threads: int) -> tuple[str, ...]:
        allowed = ",".join(filter(None, (self.demuxer, self.within)))
        options = ["-itsoffset", f"{self.offset:.6f}"] if self.offset else []
        if self.probed:
            options += ["-probesize", str(self.probed), "-analyzeduration", _AS_LONG_AS_IT_TAKES]
        return (
            "-threads", str(threads), "-protocol_whitelist", "file,pipe",
            "-format_whitelist", allowed, *options, "-f", self.demuxer, "-i", f"file:{self.name}",
        )  # fmt: skip


def media(name: str | Path, container: str, *, probed: int = 0) -> FfmpegInput:
    return FfmpegInput(str(name), DEMUXERS[container], probed=probed)


@dataclass(frozen=True, slots=True)
class Tracks:
    """The chosen tracks, by the index of their input; None: left out. ``sound``: the index among
    the sounds of its input. ``resample``: the target rate and number of channels of the sound, in
    ``sound_codec``. ``hevc_in_band``: the picture's parameters are repeated in the stream, if they
    may change."""

    video: int | None = None
    audio: int | None = None
    sound: int = 0
    video_tag: str = ""
    sound_codec: str = ""
    resample: tuple[int, int] | None = None
    hevc_in_band: bool = False

    def mapped(self) -> list[str]:
        options = []
        if self.video is not None:
            options += ["-map", f"{self.video}:V:0?"]
        if self.audio is not None:
            options += ["-map", f"{self.audio}:a:{self.sound}?"]
        return options

    def arguments(self, clip: Clip = WHOLE) -> list[str]:
        options = [*self.mapped(), *clip.arguments, "-dn", "-c", "copy"]
        if self.video_tag:
            options += ["-tag:v:0", self.video_tag]
        in_band = ("hevc_mp4toannexb",) if self.hevc_in_band else ()
        options += ["-tag:v:0", "hev1"] if in_band else []
        options += _filtered("v", *clip.filters, *in_band) + _filtered("a", *clip.filters)
        if self.sound_codec:
            options += ["-c:a", *_ENCODERS[self.sound_codec]]
        if self.resample:
            options += ["-ar", str(self.resample[0]), "-ac", str(self.resample[1])]
        return options


@dataclass(frozen=True, slots=True)
class ExtraInputs:
    """Names of files in ffmpeg's folder. ``subtitles``: name and language (ISO 639) of each."""

    metadata: str = ""
    cover: str = ""
    subtitles: tuple[tuple[str, str], ...] = ()


def _filtered(kind: str, *filters: str) -> list[str]:
    return [f"-bsf:{kind}:0", ",".join(filters)] if filters else []


def part(
    inputs: Sequence[FfmpegInput],
    tracks: Tracks,
    output: str,
    threads: int,
    packets: str,
    clip: Clip = WHOLE,
) -> list[str]:
    """Return the arguments for one part of a source that changes midway, on a clock of its own."""
    options = [*QUIET, *PROGRESS, *_opened(inputs, threads), *tracks.arguments(clip), *_SAME]
    options += ["-map_metadata", "-1", "-threads", str(threads), *_QUEUED]
    if output.endswith(".mkv"):
        options += ["-f", "matroska", f"file:{output}"]
    else:
        options += ["-video_track_timescale", "90000", "-f", "mp4", f"file:{output}"]
    return [*options, *listed(tracks, packets, clip)]


def listed(tracks: Tracks, packets: str, clip: Clip = WHOLE) -> list[str]:
    """Return the arguments of a second output: a list of the packets read, with times and
    checksums."""
    options = [*tracks.mapped(), *clip.arguments, "-dn", "-c", "copy", *_QUEUED]
    options += _filtered("v", *clip.filters) + _filtered("a", *clip.filters)
    return [*options, "-f", "framecrc", f"file:{packets}"]


def silence(name: str, output: str, sound: MediaTrack, seconds: float) -> list[str]:
    """Return the arguments that add silence, as long as ``seconds`` and in the format of ``sound``,
    to the picture of a part."""
    layout = _LAYOUTS.get(sound.channels or 0, f"{sound.channels}c")
    return [
        *QUIET, "-format_whitelist", "mov,matroska", "-protocol_whitelist", "file,pipe",
        "-i", f"file:{name}", "-f", "lavfi", "-t", f"{seconds:.6f}",
        "-i", f"anullsrc=r={sound.hertz}:cl={layout}", "-map", "0:v", "-map", "1:a", "-c:v",
        "copy", "-c:a", *_ENCODERS[sound.codec], *_SAME, "-map_metadata", "-1",
        *(("-f", "matroska") if output.endswith(".mkv") else ("-f", "mp4")), f"file:{output}",
    ]  # fmt: skip


def whole(
    inputs: Sequence[FfmpegInput],
    tracks: Tracks,
    extras: ExtraInputs,
    recipe: Recipe,
    output: str,
    threads: int,
    packets: str,
    room: int = 0,
) -> list[str]:
    """Return the arguments for the finished file, and the list of its ``packets`` beside it.
    ``room``: bytes to keep free for an MP4's index; 0: move it to the front."""
    opened = [*inputs]
    options = tracks.arguments()
    if extras.metadata:
        options += ["-map_metadata", str(len(opened)), "-map_chapters", str(len(opened))]
        opened.append(FfmpegInput(extras.metadata, "ffmetadata"))
    if recipe.embed_subtitles and recipe.ext in SUBTITLE_CODECS:
        options += _subtitles(extras.subtitles, opened, recipe)
    if extras.cover and recipe.ext in HOLDS_COVER:
        options += _cover(extras.cover, opened, tracks, recipe)
    if recipe.ext in MP4_FAMILY:
        options += ["-moov_size", str(room)] if room else ["-movflags", "+faststart"]
    options += ["-threads", str(threads), *_QUEUED, *_SAME, *MUXERS[recipe.ext], f"file:{output}"]
    return [*QUIET, *PROGRESS, *_opened(opened, threads), *options, *listed(tracks, packets)]


def _subtitles(
    subtitles: Sequence[tuple[str, str]], opened: list[FfmpegInput], recipe: Recipe
) -> list[str]:
    """Return the options that embed these, which are added to the inputs."""
    options = []
    for place, (name, language) in enumerate(subtitles):
        options += ["-map", f"{len(opened)}:s:0", f"-metadata:s:s:{place}", f"language={language}"]
        opened.append(FfmpegInput(name, "webvtt"))
    # In microseconds, the default, MP4 fails at a cue of more than 35 minutes, and what comes
    # after a pause as long follows at once.
    return [*options, "-c:s", SUBTITLE_CODECS[recipe.ext], "-time_base:s", "1/1000"]


def _cover(cover: str, opened: list[FfmpegInput], tracks: Tracks, recipe: Recipe) -> list[str]:
    if recipe.ext in ("mkv", "mka"):
        return ["-attach", f"file:{cover}", "-metadata:s:t:0", "mimetype=image/jpeg",
                "-metadata:s:t:0", "filename=cover.jpg"]  # fmt: skip
    place = 0 if tracks.video is None else 1
    options = ["-map", f"{len(opened)}:v:0", f"-disposition:v:{place}", "attached_pic"]
    opened.append(FfmpegInput(cover, "jpeg_pipe"))
    return options


def _opened(inputs: Sequence[FfmpegInput], threads: int) -> list[str]:
    return [argument for each in inputs for argument in each.arguments(threads)]
