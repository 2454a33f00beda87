"""Lives of a transfer: its process is killed, and another one started, until it is done."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import pytest

from downloads.engine.core.errors import DownloadError
from tests.engine.transfer.simulation.network import Answer
from tests.engine.transfer.simulation.threads import Scheduler


class Script(Protocol):
    """The course of one life. ``kills``: after how many turns each process dies."""

    @property
    def seed(self) -> int: ...

    @property
    def answers(self) -> tuple[Answer, ...]: ...

    @property
    def kills(self) -> tuple[int, ...]: ...


class Disk(Protocol):
    """The disk, which outlives the processes. ``violations``: what it saw that must not happen."""

    @property
    def violations(self) -> list[str]: ...

    def crash(self, scheduler: Scheduler) -> None: ...


class Run(Protocol):
    """One process. ``outcome`` is None unless it gets done."""

    @property
    def disk(self) -> Disk: ...

    @property
    def outcome(self) -> Any: ...

    def __call__(self) -> None: ...


R = TypeVar("R", bound=Run)


def until_done(script: Script, start: Callable[[Scheduler], R]) -> R:
    """Return the run that got done. A clear failure ends a run, and the next one goes on.

    Raises AssertionError for whatever must not happen.
    """
    kills, now = iter(script.kills), 0.0
    failures: list[DownloadError] = []
    for attempt in range(len(script.answers) + len(script.kills) + 20):
        scheduler = Scheduler(random.Random(script.seed + attempt), now)
        run = start(scheduler)
        try:
            scheduler.run(run, next(kills, None))
        except DownloadError as error:
            failures.append(error)
        assert not run.disk.violations, run.disk.violations
        if run.outcome is not None:
            return run
        run.disk.crash(scheduler)
        now = scheduler.now + 1
    raise AssertionError(f"never done: {failures}")


def assert_found(
    broken: Callable[[pytest.MonkeyPatch], None],
    patch: pytest.MonkeyPatch,
    ends_well: Callable[[int], bool],
    lives: int,
) -> None:
    """Break a rule, and check that one of so many lives, by its seed, comes to harm."""
    broken(patch)
    patch.setattr(logging.root, "disabled", True)
    for seed in range(lives):
        try:
            if not ends_well(seed):
                return
        except (AssertionError, ValueError, IndexError):
            return
    pytest.fail(f"{broken.__name__} was not found in {lives} lives")
