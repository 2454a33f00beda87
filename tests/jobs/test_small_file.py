"""The cost of a small file beside its bytes: statements, threads, syncs."""

from __future__ import annotations

import os
import threading
from collections import Counter
from typing import Any

import pytest

from downloads.engine.core.cancellation import StopToken
from downloads.engine.transfer import attempt
from downloads.jobs import runner
from downloads.queue.worker import WorkerProcess
from tests.support.content import MIB, content
from tests.support.ledger import ask, person, status
from tests.support.origin import Origin
from tests.support.statements import statements

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Counted, and still done: threads by their names, syncs."""
    seen: Counter[str] = Counter()
    start = threading.Thread.start

    def started(self: threading.Thread) -> None:
        seen[self.name] += 1
        start(self)

    monkeypatch.setattr(threading.Thread, "start", started)
    for name in ("fsync", "fdatasync"):
        monkeypatch.setattr(os, name, _counted(seen, name))
    return seen


def _counted(seen: Counter[str], name: str) -> Any:
    real = getattr(os, name)

    def call(fd: int) -> None:
        seen[name] += 1
        real(fd)

    return call


def test_a_small_file_costs_few_statements_threads_and_syncs(
    origin: Origin, calls: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Small is what comes within a tick, however busy the machine is.
    monkeypatch.setattr(attempt, "TICK", 60.0)
    process, alice = WorkerProcess(), person("alice")
    downloads = []
    for number in range(2):  # the first pays for what is read once in a process
        origin.serve(f"/{number}.bin", content(MIB))
        downloads.append(ask(alice, origin.url(f"/{number}.bin")))
        calls.clear()
        with statements() as seen, process.claim() as job:
            assert job is not None
            runner.run(job.lease, StopToken())
    assert [status(each) for each in downloads] == ["completed", "completed"]
    assert len(seen) <= 47, "\n".join(seen)
    assert sum("downloads_transition" in sql for sql in seen) == 3
    threads = {name: many for name, many in calls.items() if name.startswith("transfer-")}
    assert threads == {"transfer-writer": 1}
    # The part, its folder, and the folder that it is moved to.
    assert (calls["fsync"], calls["fdatasync"]) == (3, 0)
