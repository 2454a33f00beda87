"""A warm child answers; whatever else it does ends it, and its owner goes on."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import Stopped, StopReason
from downloads.engine.sandbox import serve
from downloads.engine.sandbox.confinement import MIB, Confinement, JailFailed, JailFailure
from downloads.engine.sandbox.program import run
from downloads.engine.sandbox.worker import PACKAGE, JailedWorker, python_module
from tests.engine.sandbox.conftest import eventually, marked, needs_linux

ANSWERING = Path(__file__).with_name("answering.py")

pytestmark = needs_linux

Make = Callable[..., JailedWorker]


@pytest.fixture
def make(confinement: Confinement, marker: str) -> Iterator[Make]:
    made: list[JailedWorker] = []

    def start(**options: object) -> JailedWorker:
        argv = [sys.executable, "-I", ANSWERING, serve.__file__, marker]
        jailed = replace(confinement, read_paths=(ANSWERING, Path(serve.__file__)))
        made.append(JailedWorker(argv, jailed, **options))  # type: ignore[arg-type]
        return made[-1]

    yield start
    for worker in made:
        worker.close()


@pytest.fixture
def worker(make: Make) -> JailedWorker:
    return make()


def test_it_answers_one_request_after_the_other_from_one_process(worker: JailedWorker) -> None:
    first = worker.ask({"remember": "Alice"}, timeout=30)
    second = worker.ask({"remember": "Bob"}, timeout=30)
    assert first["pid"] == second["pid"]
    assert second["remembered"] == ["Alice", "Bob"]
    assert worker.uses == 2


def test_long_answers_and_requests_pass_whole(worker: JailedWorker) -> None:
    assert worker.ask({"repeat": 3 * MIB}, timeout=30) == "x" * 3 * MIB
    sent = "y" * MIB
    assert worker.ask({"remember": sent}, timeout=30)["remembered"] == [sent]


def test_what_libraries_print_is_no_answer_and_stdin_is_empty(worker: JailedWorker) -> None:
    assert worker.ask({"print": "a library's chatter"}, timeout=30) == ""
    assert worker.ask({}, timeout=30)["remembered"] == []


def test_complaints_do_not_stop_the_pipe(worker: JailedWorker) -> None:
    assert worker.ask({"complain": MIB}, timeout=30) == MIB
    assert worker.ask({}, timeout=30)


def test_an_error_of_our_own_code_is_told_and_survived(worker: JailedWorker) -> None:
    with pytest.raises(JailFailed, match="ValueError: no such thing") as caught:
        worker.ask({"raise": "no such thing"}, timeout=30)
    assert caught.value.failure is JailFailure.RAISED
    assert worker.ask({}, timeout=30)


@pytest.mark.parametrize(
    ("how", "failure"),
    [
        ("die", JailFailure.DIED),
        ("not JSON", JailFailure.GARBAGE),
        ("another id", JailFailure.GARBAGE),
        ("no object", JailFailure.GARBAGE),
        ("no answer", JailFailure.GARBAGE),
        ("two lines", JailFailure.GARBAGE),
        ("deep", JailFailure.GARBAGE),
        ("many", JailFailure.TOO_LONG),
        ("flood", JailFailure.TOO_LONG),
        ("hang", JailFailure.TIMEOUT),
        ("close", JailFailure.TIMEOUT),
    ],
)
def test_misbehaviour_ends_it(make: Make, marker: str, how: str, failure: JailFailure) -> None:
    worker = make(max_line=4 * MIB)
    worker_is_up(marker)
    timeout = 1.0 if failure is JailFailure.TIMEOUT else 30
    with pytest.raises(JailFailed) as caught:
        worker.ask({"misbehave": how}, timeout=timeout)
    assert caught.value.failure is failure
    assert not worker.alive
    assert marked(marker) == []
    with pytest.raises(JailFailed):
        worker.ask({}, timeout=30)


def test_stop_ends_it(worker: JailedWorker, marker: str) -> None:
    worker.ask({}, timeout=30)
    stop = StopToken()
    threading.Timer(0.2, lambda: stop.stop(StopReason.UNWANTED)).start()
    with pytest.raises(Stopped):
        worker.ask({"misbehave": "hang"}, timeout=60, stop=stop)
    assert marked(marker) == []


def test_one_that_died_in_between_is_seen(worker: JailedWorker, marker: str) -> None:
    worker.ask({}, timeout=30)
    os.kill(marked(marker)[0], signal.SIGKILL)
    assert eventually(lambda: not worker.alive)
    with pytest.raises(JailFailed) as caught:
        worker.ask({}, timeout=30)
    assert caught.value.failure is JailFailure.DIED


def test_closing_it_frees_the_callers(worker: JailedWorker) -> None:
    worker.ask({}, timeout=30)
    threading.Timer(0.2, worker.close).start()
    with pytest.raises(JailFailed) as caught:
        worker.ask({"misbehave": "hang"}, timeout=60)
    assert caught.value.failure is JailFailure.DIED


def test_its_folder_goes_with_it(make: Make, confinement: Confinement) -> None:
    worker = make(remove_folder=True)
    worker.ask({}, timeout=30)
    worker.close()
    assert not confinement.work_dir.exists()


def test_a_module_of_ours_runs_without_the_project_folder(confinement: Confinement) -> None:
    jailed = replace(confinement, read_paths=(PACKAGE,))
    argv = python_module("downloads.engine.sandbox.spec")
    assert run(argv, jailed, timeout=60).status == 0
    finished = run(python_module("downloads.no_such_module"), jailed, timeout=60)
    assert "No module named downloads.no_such_module" in finished.stderr


def worker_is_up(marker: str) -> None:
    assert eventually(lambda: len(marked(marker)) == 1, 30)


def test_one_that_computes_too_long_is_ended(worker: JailedWorker) -> None:
    """By its own time: on a busy machine the clock runs without it."""
    worker.ask({}, timeout=60)
    with pytest.raises(JailFailed) as caught:
        worker.ask({"misbehave": "spin"}, timeout=60, cpu=0.3)
    assert caught.value.failure is JailFailure.CPU
    assert worker.closed


def test_sleeping_is_not_computing(worker: JailedWorker) -> None:
    with pytest.raises(JailFailed) as caught:
        worker.ask({"misbehave": "hang"}, timeout=1.0, cpu=0.9)
    assert "CPU" not in caught.value.detail
