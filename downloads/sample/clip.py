"""Makes the sample's files with the bundled ffmpeg: whole or not at all, and never twice."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from downloads.sample import scene

VIDEO: Final = "crossing.mp4"
PICTURE: Final = "crossing.jpg"
FILES: Final = (VIDEO, PICTURE)
LENGTH: Final = scene.LENGTH

_BEST_MOMENT: Final = "2"  # seconds: the picture is taken there
_PATIENCE: Final = 300  # seconds for one step, on the slowest of machines

# What ffmpeg is told, a step a line; each may read what those before it made. A further step
# makes a further rung.
_STEPS: Final[tuple[tuple[str, ...], ...]] = (
    (
        "-filter_complex", f"{scene.video()};{scene.sound()}",
        "-map", "[picture]", "-map", "[sound]", "-t", str(scene.LENGTH),
        "-c:v", "libx264", "-preset", "superfast", "-crf", "20", "-g", str(2 * scene.RATE),
        "-profile:v", "high", "-level:v", "4.0",
        "-c:a", "aac", "-b:a", "96k",
        "-movflags", "+faststart", "-fflags", "+bitexact", "-flags", "+bitexact", VIDEO,
    ),
    (
        "-ss", _BEST_MOMENT, "-i", VIDEO,
        "-frames:v", "1", "-vf", "scale=640:-2", "-q:v", "4", PICTURE,
    ),
)  # fmt: skip

# Another recipe is another clip: it gets a folder of its own, and is made once.
_RECIPE: Final = hashlib.sha256(repr(_STEPS).encode()).hexdigest()[:12]
_KEEPS: Final = "clip-"
_UNFINISHED: Final = ".making-"


class NotMade(Exception):
    """The clip could not be made. The text is a sentence for a person."""


def folder(home: Path) -> Path:
    """Where the finished files lie. ``home`` is DATA_DIR/sample."""
    return home / f"{_KEEPS}{_RECIPE}"


def is_made(home: Path) -> bool:
    return folder(home).is_dir()


def make(home: Path) -> None:
    """Make the files where they are not there yet. Raises NotMade."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (home / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # of two at once the second finds it made
            if not is_made(home):
                _make(home)
    except OSError as error:
        raise NotMade(f"{error.strerror}: is there space, and the right to write?") from error


def _make(home: Path) -> None:
    for stale in (*home.glob(f"{_UNFINISHED}*"), *home.glob(f"{_KEEPS}*")):
        shutil.rmtree(stale, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=_UNFINISHED, dir=home) as scratch:
        made = Path(scratch) / "made"
        made.mkdir()
        for step in _STEPS:
            _run(step, made)
        for name in FILES:
            _to_disk(made / name)
        made.rename(folder(home))  # whole, or not there at all


def _run(step: tuple[str, ...], into: Path) -> None:
    import imageio_ffmpeg

    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin", "-y", *step]
    try:
        done = subprocess.run(
            command,
            check=False,
            cwd=into,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PATIENCE,
        )
    except subprocess.TimeoutExpired:
        raise NotMade(f"ffmpeg did not finish within {_PATIENCE} s") from None
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"ffmpeg ended with {done.returncode}"]
        raise NotMade(said[-1][:200])


def _to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
