"""The real contents of a finished file, by ffmpeg; never by the code under test."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.support.streaming.workshop import FFMPEG

_CLOCK = re.compile(r"(\d+):(\d+):(\d+\.\d+)")


@dataclass(frozen=True, slots=True)
class Facts:
    """``duration`` in seconds. Codecs by ffmpeg's names (``h264``, ``aac``, ``vp9``, ``opus``)."""

    duration: float
    height: int | None
    width: int | None
    video_codec: str | None
    audio_codec: str | None


def facts(path: Path) -> Facts:
    said = _ffmpeg("-hide_banner", "-i", str(path)).stderr
    length = re.search(r"Duration: (\d+:\d+:\d+\.\d+)", said)
    picture = re.search(r"Stream #\S+: Video: (\w+)(?!.*attached pic).*?, (\d+)x(\d+)", said)
    sound = re.search(r"Stream #\S+: Audio: (\w+)", said)
    return Facts(
        duration=_seconds(length[1]) if length else 0.0,
        height=int(picture[3]) if picture else None,
        width=int(picture[2]) if picture else None,
        video_codec=picture[1] if picture else None,
        audio_codec=sound[1] if sound else None,
    )


def complaints(path: Path) -> str:
    """Return ffmpeg's errors from decoding every frame; empty if there are none."""
    finished = _ffmpeg(
        "-v", "error", "-i", str(path), "-map", "0:v?", "-map", "0:a?", "-f", "null", "-"
    )
    return finished.stderr or ("" if finished.returncode == 0 else f"exit {finished.returncode}")


def decodes_cleanly(path: Path) -> bool:
    return complaints(path) == ""


def pictures(path: Path) -> list[str]:
    """A hash of every decoded frame, in order: equal for any two copies of the same stream."""
    return _hashes(path, "v")


def sounds(path: Path) -> list[str]:
    """The same of every block of sound."""
    return _hashes(path, "a")


def _hashes(path: Path, kind: str) -> list[str]:
    said = _ffmpeg(
        "-v", "error", "-i", str(path), "-map", f"0:{kind}:0", "-fps_mode", "passthrough",
        "-f", "framemd5", "-",
    ).stdout  # fmt: skip
    return [line.rsplit(",", 1)[1].strip() for line in said.splitlines() if line[:1] == "0"]


def _seconds(clock: str) -> float:
    hours, minutes, seconds = _CLOCK.fullmatch(clock).groups()  # type: ignore[union-attr]
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def _ffmpeg(*told: str) -> subprocess.CompletedProcess[str]:
    argv = [FFMPEG, "-nostdin", *told]
    return subprocess.run(argv, capture_output=True, text=True, timeout=120)
