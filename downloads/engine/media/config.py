"""The ffmpeg program, and the limits of one run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

GIB: Final = 1024**3
OLDEST: Final = 5  # older ones print a file's facts in another layout


@dataclass(frozen=True, slots=True)
class MediaConfig:
    """The program and its limits. Sizes in bytes, times in seconds.

    ``timeout`` is for one run, ``stall`` for one that makes no progress although it has its input.
    ``cpu_seconds`` and ``memory_bytes`` (address space) are of the process, ``file_bytes`` of each
    file that it writes.
    """

    ffmpeg: Path
    threads: int = 2
    timeout: float = 12 * 3600.0
    stall: float = 120.0
    cpu_seconds: int = 4 * 3600
    memory_bytes: int = 2 * GIB
    file_bytes: int = 100 * GIB


def find_ffmpeg(configured: str = "") -> Path:
    """Return the configured ffmpeg (a path, or a name on PATH), else the wheel's.

    Raises ValueError, its text the end of a sentence that begins with the setting's name.
    """
    if not configured:
        import imageio_ffmpeg  # costs 50 ms

        return Path(imageio_ffmpeg.get_ffmpeg_exe()).absolute()
    found = shutil.which(os.path.expanduser(configured))  # noqa: PTH111 - may be a bare name
    if found is None:
        raise ValueError("must be the path of an ffmpeg that can be run")
    version = _version(found)
    if version is not None and version < OLDEST:
        raise ValueError(f"must be ffmpeg {OLDEST} or newer, and this is {version}")
    return Path(found).absolute()


def _version(path: str) -> int | None:
    """Return the first number of its version; None for a build between two releases."""
    try:
        banner = subprocess.run(
            [path, "-version"],
            check=False,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=10,
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        banner = ""
    if not banner.startswith("ffmpeg version "):
        raise ValueError("must be the path of an ffmpeg that can be run")
    match = re.match(r"ffmpeg version n?(\d+)\.", banner)
    return int(match[1]) if match else None
