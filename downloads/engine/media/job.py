"""What all steps of one mux share, and the folder that it works in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.disk import disk_errors
from downloads.engine.media.config import MediaConfig
from downloads.engine.media.progress import Course


@dataclass(frozen=True, slots=True)
class FfmpegJob:
    """``folder`` is the jail's: nothing in it is to be trusted, nothing of value may lie there."""

    folder: Path
    config: MediaConfig
    stop: StopToken
    course: Course


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """``folder``, empty; gone afterwards. What a run before this one left in it goes too."""
    with disk_errors():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700, parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
