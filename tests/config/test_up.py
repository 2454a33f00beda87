"""`manage.py up`: one start that is looked at from all sides, and a second one in its folder."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from config import datadir
from config.server.supervisor.port import ReservedPort
from tests.support.shell import ROOT
from tests.support.stack import Stack, clean_environment, until

MIB = 1024 * 1024
pytestmark = [pytest.mark.stack, pytest.mark.slow]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("up") / "data"


@pytest.fixture(scope="module")
def stack(folder: Path) -> Iterator[Stack]:
    with Stack(folder, bare=True) as running:
        yield running


def _up(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "up", "--no-sample"],
        cwd=ROOT,
        env=clean_environment(folder, **variables),
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel counts no shared pages")
def test_idle_it_is_small(stack: Stack) -> None:
    """First in this module: 250 MiB in all on a quiet machine, and a fifth of slack."""
    running = [psutil.Process(stack.process.pid), *stack.children()]
    shares = [process.memory_full_info().pss for process in running]
    assert sum(shares) < 300 * MIB, [share // MIB for share in shares]


def test_the_site_answers_and_all_processes_run(stack: Stack) -> None:
    with urllib.request.urlopen(f"{stack.url}/api/schema/", timeout=10) as answer:
        assert answer.status == 200
    for word in ("daphne", "celery", "valkey-server"):
        assert stack.one(word).is_running()


def test_the_worker_is_the_scheduler(stack: Stack) -> None:
    assert stack.processes("scheduler") == []

    def scheduler() -> bool:
        with urllib.request.urlopen(f"{stack.url}/readyz", timeout=10) as answer:
            return bool(json.load(answer)["checks"]["scheduler"]["state"] == "up")

    until(scheduler)


def test_what_stays_of_up_is_small(stack: Stack) -> None:
    """A fifth of what Django takes; the number is still that of the process that was started."""
    assert psutil.Process(stack.process.pid).memory_full_info().uss < 16 * MIB


def test_the_password_of_the_first_admin_is_printed(stack: Stack) -> None:
    assert re.search(r"Sign in as admin with the password \S{12,}", stack.output)


def test_the_secrets_are_for_this_user_only(stack: Stack, folder: Path) -> None:
    for path in (datadir.secret_key_file(folder), datadir.redis_url_file(folder)):
        assert path.stat().st_mode & 0o077 == 0
        assert path.read_text().strip() not in stack.output


def test_the_redis_password_stands_in_no_command_line(stack: Stack, folder: Path) -> None:
    password = datadir.read(datadir.redis_url_file(folder)).split("@")[0].rpartition(":")[2]
    assert password
    for process in stack.children():
        assert password not in " ".join(process.cmdline())


def test_a_killed_process_comes_back(stack: Stack) -> None:
    worker = stack.one("celery")
    seen = len(stack.lines)
    worker.kill()
    stack.wait_for_line("worker was killed by SIGKILL; restarting in", after=seen)
    until(lambda: [each for each in stack.processes("celery") if each.pid != worker.pid])


def test_a_second_up_in_the_same_folder_is_refused(stack: Stack, folder: Path) -> None:
    second = _up(folder, PORT=str(ReservedPort().number))
    assert second.returncode != 0
    assert second.stderr.count("\n") == 1
    assert f"(process {stack.process.pid})" in second.stderr


def test_a_port_in_use_is_one_line(stack: Stack, tmp_path: Path) -> None:
    second = _up(tmp_path, PORT=str(stack.port))
    assert second.returncode != 0
    assert second.stderr.count("\n") == 1
    assert f"PORT {stack.port} on 127.0.0.1 is in use" in second.stderr


def test_celery_by_hand_finds_the_secret_and_redis(stack: Stack, folder: Path) -> None:
    worker = subprocess.Popen(
        ["celery", "-A", "config", "worker"],
        cwd=ROOT,
        env=clean_environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert worker.stdout is not None
    try:
        line = next(line for line in worker.stdout if "worker started" in line)
        assert "concurrency=8 pool=thread" in line  # WORKER_CONCURRENCY + 4
    finally:
        worker.terminate()
        worker.communicate(timeout=30)


def test_ctrl_c_ends_everything_and_the_next_start_finds_it(stack: Stack, folder: Path) -> None:
    """Last in this module: it ends the shared one. Then `up` itself dies by -9."""
    secret = datadir.read(datadir.secret_key_file(folder))
    assert stack.stop(signal.SIGINT) == 0
    assert stack.survivors() == []
    assert "did not stop in time" not in stack.output

    again = Stack(folder, bare=True).start()
    try:
        assert "password" not in again.output
        assert datadir.read(datadir.secret_key_file(folder)) == secret
        assert len(again.children()) >= 4  # web, worker, Redis, guardian
        os.kill(again.process.pid, signal.SIGKILL)
        again.process.wait()
        until(lambda: not again.survivors())
    finally:
        for process in again.survivors():
            process.kill()
