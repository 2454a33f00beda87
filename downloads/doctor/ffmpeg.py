"""ffmpeg, and the codecs and formats that Ferry asks it for."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from django.conf import settings

from downloads.doctor.finding import Finding, fail, ok
from downloads.engine.media.config import find_ffmpeg

TIMEOUT: Final = 8.0  # seconds
# By the option that lists them: the names of ffmpeg's own, in its third column or second.
NEEDED: Final = {
    "-encoders": ("aac", "libmp3lame", "libopus", "mjpeg", "mov_text", "webvtt"),
    "-decoders": ("h264", "hevc", "vp9", "aac", "opus", "mp3", "vorbis", "webvtt"),
    "-muxers": ("mp4", "matroska", "webm", "mp3", "framecrc"),
    "-demuxers": ("mov", "matroska", "mpegts", "webvtt"),
}
FIX: Final = "Unset FFMPEG to use the one that comes with Ferry, or install a full ffmpeg."


def probe() -> Iterator[Finding]:
    try:
        program = find_ffmpeg(settings.FFMPEG)
        version = _ask(program, "-version").partition("Copyright")[0].strip()
    except (ValueError, RuntimeError) as error:  # the second: none in the wheel
        yield fail("ffmpeg", f"There is no ffmpeg to be used: FFMPEG {error}.", FIX)
        return
    except (OSError, subprocess.SubprocessError) as error:
        yield fail("ffmpeg", f"ffmpeg cannot be run ({type(error).__name__}).", FIX)
        return
    yield ok("ffmpeg", f"{version} runs.")
    missing = [
        f"{name} ({option[1:-1]})"
        for option, names in NEEDED.items()
        for name in missing_names(_ask(program, option), names)
    ]
    if missing:
        yield fail("ffmpeg_codecs", f"ffmpeg lacks {', '.join(missing)}.", FIX)
    else:
        yield ok("ffmpeg_codecs", "ffmpeg has every codec and format that Ferry asks for.")


def missing_names(listed: str, wanted: tuple[str, ...]) -> list[str]:
    """Return those that a list of ffmpeg's does not name. Pure."""
    lines = [line.split() for line in listed.splitlines()]
    found = {name for line in lines if len(line) > 1 for name in line[1].split(",")}
    return [name for name in wanted if name not in found]


def _ask(program: Path, option: str) -> str:
    done = subprocess.run(
        [str(program), "-hide_banner", option],
        capture_output=True,
        text=True,
        errors="replace",
        stdin=subprocess.DEVNULL,
        timeout=TIMEOUT,
        check=True,
    )
    return done.stdout
