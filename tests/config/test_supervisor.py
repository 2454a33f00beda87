"""The supervisor with real processes: small shell commands instead of the product's."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from config.server.supervisor.backoff import Backoff
from config.server.supervisor.console import Console, Lines
from config.server.supervisor.supervisor import Supervisor
from tests.support.shell import ROOT


@pytest.fixture
def log() -> io.BytesIO:
    return io.BytesIO()


@pytest.fixture
def supervisor(log: io.BytesIO, tmp_path: Path) -> Iterator[Supervisor]:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)
    handlers = {number: signal.getsignal(number) for number in numbers}
    with Supervisor(Console(log, coloured=False), dict(os.environ), str(tmp_path)) as running:
        yield running
    for number, handler in handlers.items():
        signal.signal(number, handler)


def _until(supervisor: Supervisor, condition: Callable[[], bool]) -> None:
    assert supervisor.wait_until(condition, 20)


def test_every_line_carries_its_process(supervisor: Supervisor, log: io.BytesIO) -> None:
    assert supervisor.run_once("release", "printf 'one\\ntwo'") == 0
    assert log.getvalue() == b"release   | one\nrelease   | two\n"


def test_the_exit_status_is_handed_on(supervisor: Supervisor) -> None:
    assert supervisor.run_once("release", "sh -c 'exit 3'") == 3


def test_variables_in_a_command_are_filled_in(supervisor: Supervisor, log: io.BytesIO) -> None:
    supervisor.run_once("web", "echo ${NOT_SET_ANYWHERE:-8000}")
    assert b"web       | 8000\n" in log.getvalue()


def test_a_dead_process_starts_again_and_waits_longer_each_time(
    supervisor: Supervisor, log: io.BytesIO
) -> None:
    supervisor.start("worker", "sh -c 'exit 1'")
    _until(supervisor, lambda: log.getvalue().count(b"ended with status 1") == 3)
    for delay in (b"in 0.5 s", b"in 1 s", b"in 2 s"):
        assert delay in log.getvalue()


def test_a_death_leaves_no_grandchild_beside_the_successor(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    process = supervisor.start("worker", "sh -c 'sleep 1000 & echo $! > grandchild; wait'")
    note = tmp_path / "grandchild"
    _until(supervisor, lambda: note.exists() and note.read_text().endswith("\n"))
    grandchild = psutil.Process(int(note.read_text()))
    assert process.child is not None
    process.child.kill()
    _until(supervisor, lambda: process.start_at is not None)
    grandchild.wait(timeout=10)


def test_a_stubborn_process_is_killed(
    log: io.BytesIO, supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.server.supervisor.supervisor.TERM_PATIENCE", 0.3)
    process = supervisor.start(
        "web", "sh -c 'trap \"\" TERM; echo deaf; while :; do sleep 1; done'"
    )
    _until(supervisor, lambda: b"deaf" in log.getvalue())
    supervisor._stop_all()
    assert process.exit_status == -signal.SIGKILL
    assert b"web did not stop in time, killed" in log.getvalue()


def test_redis_goes_last(supervisor: Supervisor, log: io.BytesIO) -> None:
    bye = "sh -c 'trap \"echo bye; exit\" TERM; echo up; while :; do sleep 0.05; done'"
    supervisor.start("redis", bye, last=True)
    supervisor.start("worker", bye)
    _until(supervisor, lambda: log.getvalue().count(b"up\n") == 2)
    supervisor._stop_all()
    text = log.getvalue()
    assert text.index(b"worker    | bye") < text.index(b"redis     | bye")


def test_a_killed_supervisor_leaves_nothing(tmp_path: Path) -> None:
    """kill -9 at once after the start: no process is ever unknown to the guardian."""
    script = textwrap.dedent(
        """
        import os, sys
        from config.server.supervisor.console import Console
        from config.server.supervisor.supervisor import Supervisor
        with Supervisor(Console(sys.stdout.buffer, False), dict(os.environ), sys.argv[1]) as s:
            for n in range(3):
                s.start(f"n{n}", "sh -c 'sleep 1000 & echo $$ $!; wait'")
            s.run()
        """
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    pids = [int(word) for _ in range(3) for word in process.stdout.readline().split()[2:]]
    process.kill()
    process.communicate()
    assert len(pids) == 6
    deadline = time.monotonic() + 10
    while (alive := [pid for pid in pids if _runs(pid)]) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert alive == []


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_dead_guardian_is_replaced(supervisor: Supervisor, log: io.BytesIO) -> None:
    process = supervisor.start("web", "sh -c 'echo here; exec sleep 1000'")
    _until(supervisor, lambda: b"here" in log.getvalue())
    first = supervisor._guardian._process
    first.kill()
    first.wait()
    assert supervisor.run_once("release", "true") == 0
    assert supervisor._guardian._process.pid != first.pid
    assert process.alive


def test_backoff_doubles_up_to_ten_seconds_and_forgets_after_a_long_life() -> None:
    backoff = Backoff()
    assert [backoff.after(lived=0) for _ in range(7)] == [0.5, 1, 2, 4, 8, 10, 10]
    assert backoff.after(lived=60) == 0.5


def test_lines_are_cut_where_they_end() -> None:
    lines = Lines()
    assert lines.feed(b"one\ntw") == [b"one"]
    assert lines.feed(b"o\r\n") == [b"two"]
    assert lines.feed(b"rest") == []
    assert lines.end() == [b"rest"]


def test_a_log_without_a_reader_does_not_stop_the_work() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb", buffering=0) as stream:
        console = Console(stream, coloured=False)
        console.say("this is not heard")
        console.say("nor this")
