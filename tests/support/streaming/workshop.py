"""A folder of things made once: by whichever test process comes first, whole or not at all."""

from __future__ import annotations

import fcntl
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import imageio_ffmpeg

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()


class Workshop:
    """``root`` may be shared by any number of processes."""

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self.root = root

    def made(self, name: str, make: Callable[[Path], object]) -> Path:
        """The folder ``name``; filled by ``make(folder)`` if it is not yet."""
        finished = self.root / name
        if finished.exists():
            return finished
        with (self.root / f".lock-{name}").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not finished.exists():
                scratch = Path(tempfile.mkdtemp(prefix=f".making-{name}-", dir=self.root))
                make(scratch)
                scratch.rename(finished)
        return finished


def ffmpeg(*told: str | Path, cwd: Path) -> None:
    """Run the bundled ffmpeg; its complaint is the error."""
    argv = [FFMPEG, "-v", "error", "-nostdin", "-y", *map(str, told)]
    finished = subprocess.run(argv, cwd=cwd, capture_output=True, text=True, timeout=120)
    if finished.returncode:
        raise RuntimeError(finished.stderr)
