from __future__ import annotations

import json
import os
import signal
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from downloads.engine.egress.policy import AddressPolicy, parse_allowed_networks
from downloads.engine.egress.proxy import EgressProxy, EgressSession
from downloads.engine.sandbox.confinement import MIB, Confinement, ProgramResult
from downloads.engine.sandbox.program import run
from downloads.engine.sandbox.support import support
from tests.support.answers import respond
from tests.support.origin import Origin

HOSTILE = Path(__file__).with_name("hostile")

WIDE = AddressPolicy(allowed_networks=parse_allowed_networks("127.0.0.0/8"))

needs_landlock = pytest.mark.skipif(support().landlock < 3, reason="the kernel has no Landlock")
needs_landlock_tcp = pytest.mark.skipif(
    support().landlock < 4, reason="the kernel has no Landlock for TCP"
)
needs_own_network = pytest.mark.skipif(
    not support().network, reason="the kernel gives no network of one's own"
)
needs_seccomp = pytest.mark.skipif(not support().seccomp, reason="the kernel has no seccomp")
needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
needs_x86 = pytest.mark.skipif(
    sys.platform != "linux" or os.uname().machine != "x86_64", reason="a door of x86_64's"
)


@pytest.fixture
def work_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "job"
    folder.mkdir()
    return folder


@pytest.fixture
def confinement(work_dir: Path) -> Confinement:
    return Confinement(
        work_dir=work_dir, memory_bytes=512 * MIB, cpu_seconds=20, read_paths=(HOSTILE,)
    )


@pytest.fixture
def marker() -> Iterator[str]:
    """The mark on the command line of all that a test starts; those left at its end are killed."""
    name = f"jail-test-{uuid.uuid4().hex}"
    yield name
    for pid in marked(name):
        os.kill(pid, signal.SIGKILL)


def command(marker: str, attempt: str, *arguments: object) -> list[str]:
    return [sys.executable, "-I", str(HOSTILE), attempt, *map(str, arguments), marker]


@pytest.fixture
def attempt(confinement: Confinement, marker: str) -> Callable[..., ProgramResult]:
    """Run one attempt of ``hostile`` in the jail; keywords change its confinement."""

    def make(name: str, *arguments: object, timeout: float = 60, **changes: Any) -> ProgramResult:
        return run(
            command(marker, name, *arguments), replace(confinement, **changes), timeout=timeout
        )

    return make


def outcome(finished: ProgramResult) -> dict[str, Any]:
    """Return the attempt's output; if it has none, its exit."""
    lines = finished.stdout.splitlines()
    return json.loads(lines[-1]) if lines else {"status": finished.status}


def got_nothing(finished: ProgramResult) -> bool:
    """It was refused by the kernel; that an attempt is broken is no proof of anything."""
    found = outcome(finished)
    assert set(found) == {"error", "says"}, (found, finished.stderr)
    assert found["error"] in {"PermissionError", "OSError", "ValueError"}, found
    return True


def marked(marker: str) -> list[int]:
    """Processes that live and have ``marker`` on their command line."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if marker.encode() in words:
            found.append(int(entry.name))
    return found


def eventually(condition: Callable[[], bool], seconds: float = 30.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


@pytest.fixture
def proxy() -> Iterator[EgressProxy]:
    server = EgressProxy().start()
    yield server
    server.close()


@pytest.fixture
def session(proxy: EgressProxy) -> Iterator[EgressSession]:
    with proxy.open(WIDE, max_bytes=10**9, seconds=60) as opened:
        yield opened


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin({"/": respond(b"content")}) as server:
        yield server
