"""The whole engine on simulated threads, network, disk and clock: killed, and started again.

All of ``engine.run`` is the real thing: plan, segments, connections, reactor, drains, keeper,
checkpoints, retries. Only what it stands on is simulated.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from downloads.engine.core import cancellation
from downloads.engine.core.media import Stream
from downloads.engine.core.progress import Progress
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
from tests.engine.transfer.simulation.life import until_done
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
    """One life of a transfer.

    ``kills``: after how many turns each process dies; ``lacks``: what the source does not give:
    ranges, validators or length; ``line``: bytes per second of all its connections together.
    """

    seed: int
    size: int
    answers: tuple[Answer, ...] = ()
    kills: tuple[int, ...] = ()
    connections: int = 4
    initial: int = 1
    part_size: int | None = None
    rate: int | None = None
    lacks: str = ""
    line: int | None = None


@dataclass
class FileRun:
    """One process of a life, and what it stands on."""

    script: Script
    site: Site
    disk: Disk
    scheduler: Scheduler
    outcome: TransferOutcome | None = None
    reports: list[Progress] = field(default_factory=list)

    def __call__(self) -> None:
        script, scheduler = self.script, self.scheduler
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
                client=Network(self.site, scheduler),  # type: ignore[arg-type]
                stop=token,
                config=config,
                limiter=TokenBucket(script.rate, scheduler.clock),
                stream=Stream("http://source/file"),
                on_progress=self.reports.append,
            )
            self.outcome = engine.run(
                request,
                RecordingSink(self.disk, self.site, scheduler, token, script.part_size),
                Store(self.disk, scheduler),
                reactor=reactor.Reactor(scheduler.clock),
                clock=scheduler.clock,
            )


def live(script: Script) -> FileRun:
    """Run until it is done. Raises AssertionError for whatever must not happen."""
    site = Site(script.size, iter(script.answers), script.lacks, script.line)
    disk = Disk()
    return until_done(script, lambda scheduler: FileRun(script, site, disk, scheduler))


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
