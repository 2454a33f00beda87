"""Nothing jailed outlives its owner, its launcher, or the order to end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import Stopped, StopReason
from downloads.engine.sandbox.confinement import Confinement
from downloads.engine.sandbox.process import JailedProcess
from downloads.engine.sandbox.program import run
from tests.engine.sandbox.conftest import command, eventually, marked, needs_linux

OWNER = Path(__file__).with_name("owner.py")
FAMILY = 2  # the program and its daemon; the launcher carries no marker

pytestmark = needs_linux


@pytest.fixture
def owner(work_dir: Path, marker: str) -> Iterator[subprocess.Popen[str]]:
    """A process with a jailed program, which has left a daemon."""
    process = subprocess.Popen(
        [sys.executable, str(OWNER), str(work_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdin
        process.stdin.write(f"{marker}\n")  # on its command line it would count as one of them
        process.stdin.flush()
        yield process
        process.kill()


def test_killing_the_owner_ends_all(owner: subprocess.Popen[str], marker: str) -> None:
    assert owner.stdout
    launcher = int(owner.stdout.readline())
    assert eventually(lambda: len(marked(marker)) == FAMILY, 30)
    time.sleep(0.3)  # the thread that asked for it is long gone; nothing may come of that
    assert len(marked(marker)) == FAMILY
    owner.kill()
    owner.wait()
    assert eventually(lambda: not marked(marker), 20), "2 s on a quiet machine"
    assert eventually(lambda: not is_running(launcher), 20)


def is_running(pid: int) -> bool:
    """False for one that has ended and waits for init to reap it."""
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except OSError:
        return False


def test_killing_the_launcher_ends_all(
    confinement: Confinement, work_dir: Path, marker: str
) -> None:
    jailed = Confinement(work_dir=work_dir, read_paths=confinement.read_paths, processes=8)
    process = JailedProcess(command(marker, "leave_a_daemon_and_stay"), jailed)
    assert eventually(lambda: len(marked(marker)) == FAMILY, 30)
    os.kill(process.launcher, signal.SIGKILL)
    assert eventually(lambda: process.report() is not None)
    assert eventually(lambda: len(marked(marker)) == FAMILY - 1), "the program goes at once"
    process.kill()
    assert eventually(lambda: marked(marker) == [])


def test_stop_ends_all(confinement: Confinement, marker: str) -> None:
    stop = StopToken()

    def ask(output: bytes) -> None:
        threading.Timer(0.1, lambda: stop.stop(StopReason.UNWANTED)).start()

    with pytest.raises(Stopped):
        run(command(marker, "stay"), confinement, timeout=60, stop=stop, on_output=ask)
    assert marked(marker) == []


def test_a_stopped_token_starts_nothing_for_long(confinement: Confinement, marker: str) -> None:
    stop = StopToken()
    stop.stop(StopReason.SHUTDOWN)
    with pytest.raises(Stopped):
        run(command(marker, "stay"), confinement, timeout=60, stop=stop)
    assert marked(marker) == []


def test_ending_it_twice_or_from_two_threads_is_fine(confinement: Confinement, marker: str) -> None:
    process = JailedProcess(command(marker, "stay"), confinement)
    threads = [threading.Thread(target=process.kill) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    process.kill()
    assert marked(marker) == []
    assert not Path(f"/proc/{process.launcher}").exists()


def test_no_descriptor_is_left_with_the_owner(confinement: Confinement, marker: str) -> None:
    run(command(marker, "environment"), confinement, timeout=30)
    before = len([*Path("/proc/self/fd").iterdir()])
    for _ in range(3):
        run(command(marker, "environment"), confinement, timeout=30)
    assert len([*Path("/proc/self/fd").iterdir()]) == before
