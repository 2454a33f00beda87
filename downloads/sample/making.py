"""A folder of files that the bundled ffmpeg makes from one: atomic, and made once."""

from __future__ import annotations

import fcntl
import functools
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

Step = tuple[str, ...]

_PATIENCE: Final = 300  # seconds for one step, on a slow machine
_UNFINISHED: Final = ".making-"


class SampleNotMade(Exception):
    """The files could not be made. The text is a sentence for a person."""


def _nothing_more(folder: Path) -> None:
    return None


@dataclass(frozen=True, slots=True)
class SampleRecipe:
    """The steps from ``source`` to a folder of files.

    ``steps``: the arguments of one run of ffmpeg each, after its input ``source``, in the folder.
    ``finish`` then writes what ffmpeg does not; ``files`` must be there in the end.
    """

    name: str
    source: Path
    steps: tuple[Step, ...]
    files: tuple[str, ...]
    finish: Callable[[Path], None] = _nothing_more

    @property
    def folder_name(self) -> str:
        """The recipe's name with a hash of its source, steps and files."""
        inputs = repr((_digest(self.source), self.steps, self.files))
        return f"{self.name}-{hashlib.sha256(inputs.encode()).hexdigest()[:12]}"


@functools.cache
def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def folder(home: Path, recipe: SampleRecipe) -> Path:
    """Return the folder of the finished files. ``home`` is DATA_DIR/sample."""
    return home / recipe.folder_name


def is_made(home: Path, recipe: SampleRecipe) -> bool:
    return folder(home, recipe).is_dir()


def make(home: Path, recipe: SampleRecipe) -> None:
    """Make the files if they are not there yet. Raises SampleNotMade."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (home / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # the second of two at once finds it made
            if not is_made(home, recipe):
                _make(home, recipe)
    except OSError as error:
        raise SampleNotMade(f"{error.strerror}: is there space, and the right to write?") from error


def _make(home: Path, recipe: SampleRecipe) -> None:
    for stale in home.iterdir():
        if stale.is_dir():  # of a run that was killed, or of an older recipe
            shutil.rmtree(stale, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=_UNFINISHED, dir=home) as scratch:
        made = Path(scratch) / "made"
        made.mkdir()
        for step in recipe.steps:
            _run(("-i", str(recipe.source), *step), made)
        recipe.finish(made)
        for name in recipe.files:
            _to_disk(made / name)
        made.rename(folder(home, recipe))  # whole, or not there at all


def _run(step: Step, into: Path) -> None:
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
        raise SampleNotMade(f"ffmpeg did not finish within {_PATIENCE} s") from None
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"ffmpeg ended with {done.returncode}"]
        raise SampleNotMade(lines[-1][:200])


def _to_disk(path: Path) -> None:
    try:
        with path.open("rb") as file:
            os.fsync(file.fileno())
    except FileNotFoundError:
        raise SampleNotMade(f"ffmpeg has left out {path.name}") from None
