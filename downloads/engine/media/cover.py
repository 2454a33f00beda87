"""The cover in the file: converted in the jail from any picture of the source."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Final

from downloads.engine.core.disk import disk_errors
from downloads.engine.core.errors import DownloadError
from downloads.engine.media import command, ffmpeg
from downloads.engine.media.job import FfmpegJob

log = logging.getLogger(__name__)

_LARGEST: Final = 20 * 1024 * 1024  # bytes
_MOST_PIXELS: Final = 40_000_000  # by its header: a small file can hold any number of equal pixels
_MEMORY: Final = 384 * 1024 * 1024  # bytes of address space
_NAME: Final = "cover.jpg"
_SIDE: Final = 1280  # pixels; and even, as JPEG's colours like it
_SCALE: Final = (
    f"scale=w='min({_SIDE},iw)':h='min({_SIDE},ih)':force_original_aspect_ratio=decrease"
)


def add(job: FfmpegJob, picture: Path) -> str:
    """Write a JPEG into the job's folder and return its name; empty if the picture is invalid.

    A broken picture never fails a download. Raises Stopped.
    """
    try:
        demuxer = _demuxer(picture)
        if not demuxer:
            log.warning("cover left out reason=unsupported-format")
            return ""
        _convert(job, picture.resolve(), demuxer)
    except DownloadError as error:
        log.warning("cover left out detail=%r", error.detail)
        return ""
    return _NAME


def _demuxer(picture: Path) -> str:
    """Return the demuxer by the first bytes. Those named read a single picture, and no numbered
    series of files."""
    with disk_errors(), picture.open("rb") as file:
        head = file.read(16)
    if picture.stat().st_size > _LARGEST:
        return ""
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg_pipe"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png_pipe"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "webp_pipe"
    return ""


def _convert(job: FfmpegJob, picture: Path, demuxer: str) -> None:
    opened = command.FfmpegInput(str(picture), demuxer)
    arguments = [
        *command.QUIET, "-max_pixels", str(_MOST_PIXELS), *opened.arguments(1),
        "-map", "0:v:0", "-frames:v", "1", "-vf",
        f"{_SCALE},format=yuvj420p", "-c:v", "mjpeg", "-q:v", "3", "-threads", "1",
        "-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact",
        "-f", "mjpeg", f"file:{_NAME}",
    ]  # fmt: skip
    config = replace(job.config, memory_bytes=min(_MEMORY, job.config.memory_bytes))
    finished = ffmpeg.ask(arguments, job.folder, config, read=[picture], stop=job.stop)
    ffmpeg.judge(finished)
