"""ffmpeg's arguments. Pure.

Nothing from outside stands in them: no title, no name, no path of a source. Files are named by us
and lie in the folder that ffmpeg runs in; one elsewhere is named by its absolute path.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from downloads.engine.media.formats import (
    DEMUXERS,
    HOLDS_COVER,
    MP4_FAMILY,
    MUXERS,
    SUBTITLE_CODECS,
)
from downloads.engine.media.recipe import Recipe

GLOBAL: Final = ("-hide_banner", "-nostdin", "-y", "-nostats")
QUIET: Final = ("-v", "error")
PROGRESS: Final = ("-progress", "pipe:1", "-stats_period", "0.25")
# Two runs over the same bytes make the same file: no clock, no random ids.
_SAME: Final = ("-fflags", "+bitexact")
_ENCODERS: Final = {
    "mp3": ("libmp3lame", "-q:a", "2"),
    "aac": ("aac", "-b:a", "160k"),
    "opus": ("libopus", "-b:a", "128k"),
}
CAN_ENCODE: Final = frozenset(_ENCODERS)


@dataclass(frozen=True, slots=True)
class FfmpegInput:
    """One input as ffmpeg is to open it: ``name`` in its folder, or an absolute path.

    ``demuxer`` alone may read it, ``within`` too where it opens others. ``offset``: seconds that
    it begins after the earliest.
    """

    name: str
    demuxer: str
    within: str = ""
    offset: float = 0.0

    def arguments(self, threads: int) -> tuple[str, ...]:
        allowed = ",".join(filter(None, (self.demuxer, self.within)))
        shifted = ("-itsoffset", f"{self.offset:.6f}") if self.offset else ()
        return (
            "-threads", str(threads), "-protocol_whitelist", "file,pipe",
            "-format_whitelist", allowed, *shifted, "-f", self.demuxer, "-i", f"file:{self.name}",
        )  # fmt: skip


def media(name: str | Path, container: str, offset: float = 0.0) -> FfmpegInput:
    return FfmpegInput(str(name), DEMUXERS[container], offset=offset)


@dataclass(frozen=True, slots=True)
class Tracks:
    """Which input each comes from, by its place; None: it is left out. ``resample`` is the rate
    and the number of channels that the sound is brought to, in ``sound_codec``.
    ``hevc_in_band``: the picture's parameters are repeated in the stream, where they may change."""

    video: int | None = None
    audio: int | None = None
    video_tag: str = ""
    sound_codec: str = ""
    resample: tuple[int, int] | None = None
    hevc_in_band: bool = False

    def arguments(self) -> list[str]:
        told = []
        if self.video is not None:
            told += ["-map", f"{self.video}:V:0?"]
        if self.audio is not None:
            told += ["-map", f"{self.audio}:a:0?"]
        told += ["-dn", "-c", "copy"]
        if self.video_tag:
            told += ["-tag:v:0", self.video_tag]
        if self.hevc_in_band:
            told += ["-bsf:v:0", "hevc_mp4toannexb", "-tag:v:0", "hev1"]
        if self.sound_codec:
            told += ["-c:a", *_ENCODERS[self.sound_codec]]
        if self.resample:
            told += ["-ar", str(self.resample[0]), "-ac", str(self.resample[1])]
        return told


@dataclass(frozen=True, slots=True)
class ExtraInputs:
    """Names of files in ffmpeg's folder. ``subtitles``: name and language (ISO 639) of each."""

    metadata: str = ""
    cover: str = ""
    subtitles: tuple[tuple[str, str], ...] = ()


def part(inputs: Sequence[FfmpegInput], tracks: Tracks, output: str, threads: int) -> list[str]:
    """One part of a source that changes midway, on a clock that all parts share."""
    told = [*QUIET, *PROGRESS, *_opened(inputs, threads), *tracks.arguments(), *_SAME]
    told += ["-map_metadata", "-1", "-threads", str(threads)]
    if output.endswith(".mkv"):
        return [*told, "-f", "matroska", f"file:{output}"]
    return [*told, "-video_track_timescale", "90000", "-f", "mp4", f"file:{output}"]


def whole(
    inputs: Sequence[FfmpegInput],
    tracks: Tracks,
    extras: ExtraInputs,
    recipe: Recipe,
    output: str,
    threads: int,
    room: int = 0,
) -> list[str]:
    """The finished file. ``room``: bytes to keep free for an MP4's index; 0: move it to the
    front."""
    opened = [*inputs]
    told = tracks.arguments()
    if extras.metadata:
        told += ["-map_metadata", str(len(opened)), "-map_chapters", str(len(opened))]
        opened.append(FfmpegInput(extras.metadata, "ffmetadata"))
    if recipe.embed_subtitles and recipe.ext in SUBTITLE_CODECS:
        for place, (name, language) in enumerate(extras.subtitles):
            told += ["-map", f"{len(opened)}:s:0", f"-metadata:s:s:{place}", f"language={language}"]
            opened.append(FfmpegInput(name, "webvtt"))
        told += ["-c:s", SUBTITLE_CODECS[recipe.ext]]
    if extras.cover and recipe.ext in HOLDS_COVER:
        told += _cover(extras.cover, opened, tracks, recipe)
    if recipe.ext in MP4_FAMILY:
        told += ["-moov_size", str(room)] if room else ["-movflags", "+faststart"]
    told += ["-threads", str(threads), *_SAME, *MUXERS[recipe.ext], f"file:{output}"]
    return [*QUIET, *PROGRESS, *_opened(opened, threads), *told]


def _cover(cover: str, opened: list[FfmpegInput], tracks: Tracks, recipe: Recipe) -> list[str]:
    if recipe.ext in ("mkv", "mka"):
        return ["-attach", f"file:{cover}", "-metadata:s:t:0", "mimetype=image/jpeg",
                "-metadata:s:t:0", "filename=cover.jpg"]  # fmt: skip
    place = 0 if tracks.video is None else 1
    told = ["-map", f"{len(opened)}:v:0", f"-disposition:v:{place}", "attached_pic"]
    opened.append(FfmpegInput(cover, "jpeg_pipe"))
    return told


def _opened(inputs: Sequence[FfmpegInput], threads: int) -> list[str]:
    return [argument for each in inputs for argument in each.arguments(threads)]
