"""kill -9 in the middle of a mux: no ffmpeg is left, and the next run starts again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from downloads.engine.media.inputs import MediaInput
from tests.engine.media.conftest import Make
from tests.engine.media.films import Films

OWNER = Path(__file__).with_name("owner.py")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")


def _working_in(folder: Path) -> list[int]:
    """Processes that live and stand in ``folder``."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and (entry / "cwd").readlink().is_relative_to(folder):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def test_no_ffmpeg_outlives_its_owner(films: Films, make: Make, work_dir: Path) -> None:
    owner = subprocess.Popen(
        [sys.executable, str(OWNER), str(work_dir), str(films.ts())],
        stdout=subprocess.PIPE,
        text=True,
    )
    with owner:
        assert owner.stdout
        assert int(owner.stdout.readline()) > 0
        theirs = psutil.Process(owner.pid).children(recursive=True)
        assert len(_working_in(work_dir)) == 1  # ffmpeg
        assert len(theirs) == 3  # its launcher, and the one that is ready for what follows
        os.kill(owner.pid, signal.SIGKILL)
    _, left = psutil.wait_procs(theirs, timeout=60)
    assert left == []
    assert (work_dir / "mux" / "made.mkv").exists()
    _, output = make([MediaInput(films.ts())])
    assert [path.name for path in work_dir.iterdir()] == [output.name]


def test_an_ffmpeg_that_is_killed_is_worth_another_attempt(
    films: Films, make: Make, work_dir: Path
) -> None:
    from downloads.engine.core.errors import InternalError
    from downloads.engine.core.progress import Progress
    from downloads.engine.media.inputs import Feed
    from tests.engine.media.films import endless

    def kill(done: Progress) -> None:
        for pid in _working_in(work_dir):
            name = Path(f"/proc/{pid}/comm").read_text()
            if done.bytes_done and name.startswith("ffmpeg"):
                os.kill(pid, signal.SIGKILL)

    with pytest.raises(InternalError):
        make([MediaInput(Feed([endless(films.ts())]), container="ts")], "mkv", on_progress=kill)
