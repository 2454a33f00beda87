"""A process that exceeds a limit ends, and no other."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from downloads.engine.sandbox.confinement import MIB, JailFailed, JailFailure, ProgramResult
from tests.engine.sandbox.conftest import got_nothing, marked, needs_linux, outcome

Attempt = Callable[..., ProgramResult]


def test_address_space(attempt: Attempt) -> None:
    assert (
        outcome(attempt("eat_memory", 600 * MIB, memory_bytes=400 * MIB))["error"] == "MemoryError"
    )


@needs_linux
def test_resident_memory_of_one_that_reserves_much(attempt: Attempt, marker: str) -> None:
    finished = attempt("eat_memory", 300 * MIB, memory_bytes=None, resident_bytes=150 * MIB)
    assert (finished.limit, finished.status) == ("memory", -signal.SIGKILL)
    assert marked(marker) == []


@needs_linux
def test_resident_memory_of_all_together(attempt: Attempt, marker: str) -> None:
    finished = attempt("eat_memory_by_children", 60 * MIB, processes=8, resident_bytes=150 * MIB)
    assert finished.limit == "memory"
    assert marked(marker) == []


@pytest.mark.parametrize("how", ["burn", "burn_against_signals"])
def test_processor_time(attempt: Attempt, how: str) -> None:
    finished = attempt(how, cpu_seconds=1)
    assert finished.status in (-signal.SIGXCPU, -signal.SIGKILL)


def test_a_huge_file(attempt: Attempt, work_dir: Path) -> None:
    finished = attempt("big_file", 50 * MIB, file_bytes=10 * MIB)
    assert got_nothing(finished)
    assert (work_dir / "big").stat().st_size <= 10 * MIB


@needs_linux
@pytest.mark.parametrize("how", ["many_files", "many_files_without_a_name"])
def test_many_files_together(attempt: Attempt, marker: str, how: str) -> None:
    finished = attempt(how, 40, MIB, file_bytes=2 * MIB)
    assert (finished.limit, finished.status) == ("disk", -signal.SIGKILL)
    assert marked(marker) == []


@needs_linux
def test_more_files_than_any_job_needs(attempt: Attempt) -> None:
    assert attempt("small_files", 30_000).limit == "disk"


def test_what_lay_there_before_does_not_count(attempt: Attempt, work_dir: Path) -> None:
    (work_dir / "input").write_bytes(bytes(20 * MIB))
    assert outcome(attempt("small_files", 10, file_bytes=2 * MIB))["got"] == 10


@needs_linux
def test_many_threads(attempt: Attempt, marker: str) -> None:
    assert attempt("many_threads", 200, memory_bytes=None).limit == "processes"
    assert marked(marker) == []


def test_open_files(attempt: Attempt) -> None:
    assert outcome(attempt("open_many", open_files=64))["got"] < 64


def test_no_limit_can_be_raised_again(attempt: Attempt) -> None:
    assert got_nothing(attempt("raise_own_limit", open_files=64))


def test_no_core_is_left(attempt: Attempt, work_dir: Path) -> None:
    assert attempt("dump_core").status == -signal.SIGABRT
    assert list(work_dir.iterdir()) == []


def test_endless_output(attempt: Attempt) -> None:
    with pytest.raises(JailFailed) as caught:
        attempt("shout", 50 * MIB)
    assert caught.value.failure is JailFailure.TOO_LONG


def test_endless_complaints_are_cut(attempt: Attempt) -> None:
    finished = attempt("complain", 5 * MIB)
    assert finished.status == 0
    assert len(finished.stderr) <= 64 * 1024


@needs_linux
def test_time(attempt: Attempt, marker: str) -> None:
    with pytest.raises(JailFailed) as caught:
        attempt("stay", timeout=1.0)  # it would stay for good
    assert caught.value.failure is JailFailure.TIMEOUT
    assert marked(marker) == []
