"""Launchers are readied before they are needed; that changes nothing but the time it takes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from downloads.engine.sandbox import launchers
from downloads.engine.sandbox.confinement import Confinement
from downloads.engine.sandbox.program import run
from tests.engine.sandbox.conftest import needs_linux

pytestmark = needs_linux

READY = """
import sys
from downloads.engine.sandbox import launchers
launchers.prepare(2)
for ready in launchers._reserve._ready:
    print(ready.result().process.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def ready() -> Iterator[int]:
    """The process number of the one that waits."""
    while (other := launchers._reserve.pop()) is not None:
        other.result().dismiss()
    launchers.prepare(1)
    yield launchers._reserve._ready[0].result().process.pid
    while (other := launchers._reserve.pop()) is not None:
        other.result().dismiss()


def parent_of_program(work_dir: Path) -> int:
    argv = [sys.executable, "-I", "-c", "import os; print(os.getppid(), os.getcwd())"]
    finished = run(argv, Confinement(work_dir=work_dir), timeout=30)
    parent, folder = finished.stdout.decode().split()
    assert Path(folder) == work_dir.resolve()
    return int(parent)


def test_the_one_that_waits_is_taken(ready: int, work_dir: Path) -> None:
    assert parent_of_program(work_dir) == ready
    assert not psutil.pid_exists(ready)
    assert parent_of_program(work_dir) != ready


def test_no_more_wait_than_were_asked_for(ready: int) -> None:
    launchers.prepare(1)
    launchers.prepare(2)
    assert len(launchers._reserve._ready) == 2


def test_one_that_was_killed_is_replaced(ready: int, work_dir: Path) -> None:
    os.kill(ready, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(ready)], timeout=0.2)
    assert parent_of_program(work_dir) != ready


def test_those_that_wait_end_with_their_owner() -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", READY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with owner:
        assert owner.stdout
        waiting = [psutil.Process(int(owner.stdout.readline())) for _ in range(2)]
        owner.kill()
    _, left = psutil.wait_procs(waiting, timeout=60)
    assert left == []
