"""The context of one mux, and its working folder."""

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
    """The context of a mux. ``folder`` is the jail's: never trust its content, nor keep anything of
    value there."""

    folder: Path
    config: MediaConfig
    stop: StopToken
    course: Course


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """Yield ``folder``, empty, without leftovers of an earlier run; removed afterwards."""
    with disk_errors():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700, parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
