"""The times of a file's packets, as ffmpeg reads them."""

from __future__ import annotations

import subprocess
from pathlib import Path

from downloads.engine.media.packets import TrackPackets, parse
from tests.support.streaming.workshop import FFMPEG


def packets(path: Path, *more: str) -> dict[str, TrackPackets]:
    told = [FFMPEG, "-v", "error", *more, "-i", path, "-map", "0:V?", "-map", "0:a?"]
    told += ["-c", "copy", "-copyts", "-f", "framecrc", "-"]
    return parse(subprocess.run(told, capture_output=True, check=True).stdout.splitlines(True))


def begins(path: Path) -> tuple[float, float]:
    """Of picture and sound, in seconds."""
    found = packets(path)
    return found["video"].begin, found["audio"].begin


def decodes(path: Path) -> bool:
    """Every packet, without a word; on its own clock, where pictures need not come evenly."""
    told = [FFMPEG, "-v", "error", "-i", path, "-enc_time_base", "1:90000", "-f", "null", "-"]
    return subprocess.run(told, capture_output=True, check=True).stderr == b""
