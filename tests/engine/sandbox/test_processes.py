"""A jailed program can neither reach other processes nor get away from its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from downloads.engine.sandbox import limits
from downloads.engine.sandbox.confinement import ProgramResult
from tests.engine.sandbox.conftest import (
    eventually,
    got_nothing,
    marked,
    needs_landlock,
    needs_linux,
    needs_seccomp,
    needs_x86,
    outcome,
)

Attempt = Callable[..., ProgramResult]

# As what a jailed program is where Ferry runs as root: else the modes alone would keep it away.
_VICTIM = """
import time
from downloads.engine.sandbox import limits
limits.drop_privileges(confined=True)
print(flush=True)
time.sleep(120)
"""


@pytest.fixture
def victim() -> Iterator[subprocess.Popen[bytes]]:
    """Another process of the same user, with a secret in its environment."""
    process = subprocess.Popen(
        [sys.executable, "-c", _VICTIM],
        cwd=Path(limits.__file__).parents[3],
        env={"SECRET_KEY": "secret"},
        stdout=subprocess.PIPE,
    )
    assert process.stdout
    process.stdout.readline()
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def open_files_of(pid: int) -> int:
    """Return the most files that it may have open: prlimit() does not tell of another user's."""
    lines = Path(f"/proc/{pid}/limits").read_text().splitlines()
    return next(int(line.split()[3]) for line in lines if line.startswith("Max open files"))


def is_untouched(victim: subprocess.Popen[bytes]) -> bool:
    state = Path(f"/proc/{victim.pid}/stat").read_text().rpartition(")")[2].split()[0]
    return (
        victim.poll() is None
        and state in "SR"
        and open_files_of(victim.pid) > 3
        and os.getpriority(os.PRIO_PROCESS, victim.pid) == os.getpriority(os.PRIO_PROCESS, 0)
        and os.sched_getaffinity(victim.pid) == os.sched_getaffinity(0)
    )


@needs_landlock
@pytest.mark.parametrize("how", ["kill", "stop", "kill_through_pidfd", "environ", "memory_of"])
def test_landlock_keeps_it_from_others(
    attempt: Attempt, victim: subprocess.Popen[bytes], how: str
) -> None:
    assert got_nothing(attempt(how, victim.pid, processes=4))
    assert is_untouched(victim)


@needs_seccomp
@pytest.mark.parametrize(
    "how", ["ptrace", "process_vm_readv", "limit_another", "slow_another", "pin_another"]
)
def test_seccomp_keeps_it_from_others(
    attempt: Attempt, victim: subprocess.Popen[bytes], how: str
) -> None:
    assert got_nothing(attempt(how, victim.pid, processes=4))
    assert is_untouched(victim)


@needs_landlock
def test_it_cannot_end_its_owner_or_its_launcher(attempt: Attempt) -> None:
    assert got_nothing(attempt("kill", os.getpid()))
    finished = attempt("kill_the_parent")
    assert outcome(finished)["error"] == "PermissionError"
    assert finished.status == 0  # the launcher lives to tell


@needs_seccomp
def test_alone_it_cannot_fork(attempt: Attempt) -> None:
    assert got_nothing(attempt("fork"))
    assert got_nothing(attempt("vfork"))
    assert outcome(attempt("thread"))["got"] == "ran"


def test_with_company_it_can(attempt: Attempt) -> None:
    assert outcome(attempt("fork", processes=4))["got"] == "forked"
    assert outcome(attempt("vfork", processes=4))["got"] == "1\n"


@needs_seccomp
def test_it_cannot_leave_its_group(attempt: Attempt) -> None:
    assert got_nothing(attempt("leave_the_group", processes=4))
    assert got_nothing(attempt("own_session", processes=4))


@needs_linux
def test_a_daemon_that_it_leaves_ends_with_it(attempt: Attempt, marker: str) -> None:
    assert outcome(attempt("leave_a_daemon", processes=8))["got"] in ("left one", "staying")
    assert marked(marker) == []


@needs_linux
def test_a_fork_bomb_goes_out(attempt: Attempt, marker: str) -> None:
    finished = attempt("fork_many", processes=8)
    assert finished.limit == "processes"
    assert eventually(lambda: marked(marker) == [])


@needs_seccomp
@pytest.mark.parametrize(
    "door",
    [
        "new_user_namespace",
        "clone_into_a_namespace",
        "mount",
        "bpf",
        "keyctl",
        "perf_event_open",
        "userfaultfd",
    ],
)
def test_the_kernels_wide_doors_are_closed(attempt: Attempt, door: str) -> None:
    assert outcome(attempt(door, processes=4)) == {
        "error": "PermissionError",
        "says": "[Errno 1] Operation not permitted",
    }


@needs_seccomp
@pytest.mark.parametrize("door", ["shared_memory", "message_queue"])
def test_nothing_stays_in_the_kernel(attempt: Attempt, door: str) -> None:
    assert got_nothing(attempt(door))


@needs_seccomp
@pytest.mark.parametrize("door", ["io_uring", "memfd", "clone3"])
def test_some_do_not_exist_for_it(attempt: Attempt, door: str) -> None:
    assert outcome(attempt(door))["says"] == "[Errno 38] Function not implemented"


@needs_seccomp
@needs_x86
@pytest.mark.parametrize("door", ["other_architecture", "x32"])
def test_another_numbering_of_calls_ends_it(attempt: Attempt, door: str) -> None:
    assert attempt(door).status == -signal.SIGSYS


@needs_linux
@pytest.mark.parametrize("confined", [False, True], ids=["root without rights", "nobody"])
def test_an_owner_without_capabilities_can_jail_too(work_dir: Path, confined: bool) -> None:
    """A container from which all were taken; an ordinary user."""
    code = f"""
from pathlib import Path
from downloads.engine.sandbox import limits
from downloads.engine.sandbox.confinement import Confinement
from downloads.engine.sandbox.program import run
limits.drop_privileges(confined={confined})
argv = ["/bin/cat"]
print(run(argv, Confinement(work_dir=Path({str(work_dir)!r})), stdin=b"jailed", timeout=60))
"""
    folder = Path(limits.__file__).parents[3]
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, timeout=60
    )
    assert "status=0, stdout=b'jailed'" in ran.stdout, ran.stderr


@needs_landlock
def test_nobody_is_root_in_there(attempt: Attempt) -> None:
    user, capabilities, bounding = outcome(attempt("identity"))["got"]
    assert 0 not in user
    if os.geteuid() == 0:  # it may pass the modes of what Landlock lets it see: those are root's
        assert (capabilities, bounding) == ([2, 2, 2, 0, 0, 0], [])
    else:
        assert capabilities == [0] * 6


@needs_landlock
def test_what_it_leaves_is_its_owners(attempt: Attempt, work_dir: Path) -> None:
    assert outcome(attempt("small_files", 3))["got"] == 3
    owners = {path.stat().st_uid for path in work_dir.rglob("*")}
    assert owners == {os.geteuid()}
