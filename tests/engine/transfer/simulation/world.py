"""The whole engine on simulated threads, network, disk and clock: killed, and started again.

All of ``engine.run`` is the real thing: plan, segments, connections, reactor, drains, keeper,
checkpoints, retries. Only what it stands on is simulated.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from downloads.engine.core import cancellation
from downloads.engine.core.errors import DownloadError
from downloads.engine.core.media import Stream
from downloads.engine.transfer import (
    background_call,
    bandwidth,
    block,
    connection,
    connection_pool,
    engine,
    flusher,
    reactor,
    segments,
    source,
    writer,
)
from downloads.engine.transfer.bandwidth import TokenBucket
from downloads.engine.transfer.config import TransferConfig
from downloads.engine.transfer.engine import TransferOutcome
from downloads.engine.transfer.fragments import keys, receiver, tally
from downloads.engine.transfer.fragments import unflushed as fragments_unflushed
from downloads.engine.transfer.request import FileRequest
from tests.engine.transfer.simulation.network import Answer, Network, Selectors, Site, Sockets
from tests.engine.transfer.simulation.storage import Disk, RecordingSink, Store
from tests.engine.transfer.simulation.threads import Queue, Scheduler, Threading

THREADED = (
    background_call,
    bandwidth,
    cancellation,
    connection,
    flusher,
    fragments_unflushed,
    keys,
    reactor,
    receiver,
    segments,
    source,
    tally,
    writer,
)
QUEUED = (background_call, connection_pool, writer)
TURN = 1000  # bytes: as a block's MiB is to a file


@dataclass(frozen=True, slots=True)
class Script:
    """One life of a transfer. ``kills``: after how many turns each process dies; ``lacks``: what
    the source does not give: ranges, validators or length."""

    seed: int
    size: int
    answers: tuple[Answer, ...] = ()
    kills: tuple[int, ...] = ()
    connections: int = 4
    initial: int = 1
    part_size: int | None = None
    rate: int | None = None
    lacks: str = ""


@dataclass
class Life:
    """``failures`` are the clear ones that a run may end with; the next one goes on."""

    outcome: TransferOutcome
    site: Site
    disk: Disk
    killed: int
    failures: list[DownloadError]


def live(script: Script) -> Life:
    """Run until it is done. Raises AssertionError for whatever must not happen."""
    site = Site(script.size, iter(script.answers), script.lacks)
    disk, kills = Disk(), iter(script.kills)
    killed, now, failures = 0, 0.0, []
    for attempt in range(len(script.answers) + len(script.kills) + 20):
        scheduler = Scheduler(random.Random(script.seed + attempt), now)
        run = _Process(script, site, disk, scheduler)
        try:
            survived = scheduler.run(run, next(kills, None))
        except DownloadError as error:
            failures.append(error)
            survived = True
        assert not disk.violations, disk.violations
        if run.outcome is not None:
            return Life(run.outcome, site, disk, killed, failures)
        killed += not survived
        disk.crash(scheduler)
        now = scheduler.now + 1
    raise AssertionError(f"never done: {failures}")


class _Process:
    def __init__(self, script: Script, site: Site, disk: Disk, scheduler: Scheduler) -> None:
        self._script = script
        self._site = site
        self._disk = disk
        self._scheduler = scheduler
        self.outcome: TransferOutcome | None = None

    def __call__(self) -> None:
        script, scheduler = self._script, self._scheduler
        config = TransferConfig(
            connections=script.connections,
            initial_connections=script.initial,
            min_rate=0,
            min_segment=200,
            checkpoint_interval=0.05,
            ramp_window=0.02,
            stall_timeout=1.0,
            backoff=0.01,
            backoff_limit=0.1,
        )
        with simulated(scheduler):
            token = cancellation.StopToken(scheduler.clock)
            request = FileRequest(
                client=Network(self._site, scheduler),  # type: ignore[arg-type]
                stop=token,
                config=config,
                limiter=TokenBucket(script.rate, scheduler.clock),
                stream=Stream("http://source/file"),
            )
            self.outcome = engine.run(
                request,
                RecordingSink(self._disk, self._site, scheduler, token, script.part_size),
                Store(self._disk, scheduler),
                reactor=reactor.Reactor(scheduler.clock),
                clock=scheduler.clock,
            )


class Complaints:
    """A logger that raises the errors that the reactor would log and pass over."""

    @staticmethod
    def exception(words: str) -> None:
        raise SystemError(words)

    warning = exception


@contextmanager
def simulated(scheduler: Scheduler) -> Iterator[None]:
    threading: Any = Threading(scheduler)
    with pytest.MonkeyPatch.context() as patch:
        for module in THREADED:
            patch.setattr(module, "threading", threading)
        for module in QUEUED:
            patch.setattr(module, "queue", Queue(scheduler))
        patch.setattr(reactor, "_log", Complaints)
        patch.setattr(reactor, "selectors", Selectors(scheduler))
        patch.setattr(reactor, "socket", Sockets)
        patch.setattr(block, "SIZE", TURN)
        patch.setattr(connection, "READ_SIZE", TURN)
        yield
