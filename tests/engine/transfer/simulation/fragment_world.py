"""The whole engine for fragments, as ``world`` has the one for files: killed, and started again."""

from __future__ import annotations

import random
from dataclasses import dataclass

from downloads.engine.core import cancellation
from downloads.engine.core.errors import DownloadError
from downloads.engine.transfer import reactor
from downloads.engine.transfer.bandwidth import TokenBucket
from downloads.engine.transfer.config import TransferConfig
from downloads.engine.transfer.fragments import engine
from downloads.engine.transfer.fragments.engine import FragmentsOutcome
from downloads.engine.transfer.fragments.job import FragmentsRequest
from tests.engine.transfer.simulation.fragment_site import FragmentSite
from tests.engine.transfer.simulation.fragment_storage import (
    FragmentDisk,
    FragmentStore,
    RecordingSpool,
)
from tests.engine.transfer.simulation.network import Answer, Network
from tests.engine.transfer.simulation.threads import Scheduler
from tests.engine.transfer.simulation.world import simulated


@dataclass(frozen=True, slots=True)
class FragmentScript:
    """One life of a transfer of ``count`` fragments; otherwise as ``world.Script``."""

    seed: int
    size: int
    count: int
    answers: tuple[Answer, ...] = ()
    kills: tuple[int, ...] = ()
    connections: int = 4
    rate: int | None = None
    lacks: str = ""
    shape: str = "files"
    mirrors: int = 0


@dataclass
class FragmentLife:
    """``bodies`` of the version that was fetched. ``failures`` are the clear ones that a run may
    end with; the next one goes on."""

    outcome: FragmentsOutcome
    bodies: list[bytes]
    disk: FragmentDisk
    killed: int
    failures: list[DownloadError]


def live(script: FragmentScript) -> FragmentLife:
    """Run until it is done. Raises AssertionError for whatever must not happen."""
    site = FragmentSite(
        script.size,
        iter(script.answers),
        script.lacks,
        count=script.count,
        shape=script.shape,
        mirrors=script.mirrors,
    )
    disk, kills = FragmentDisk(), iter(script.kills)
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
            return FragmentLife(run.outcome, run.bodies, disk, killed, failures)
        killed += not survived
        disk.crash(scheduler)
        now = scheduler.now + 1
    raise AssertionError(f"never done: {failures}")


class _Process:
    def __init__(
        self, script: FragmentScript, site: FragmentSite, disk: FragmentDisk, scheduler: Scheduler
    ) -> None:
        self._script = script
        self._site = site
        self._disk = disk
        self._scheduler = scheduler
        self.outcome: FragmentsOutcome | None = None
        self.bodies: list[bytes] = []

    def __call__(self) -> None:
        script, scheduler = self._script, self._scheduler
        config = TransferConfig(
            connections=script.connections,
            min_rate=0,
            checkpoint_interval=0.05,
            stall_timeout=1.0,
            backoff=0.01,
            backoff_limit=0.1,
        )
        with simulated(scheduler):
            token = cancellation.StopToken(scheduler.clock)
            spool = RecordingSpool(self._disk, self._site, scheduler, token)
            request = FragmentsRequest(
                client=Network(self._site, scheduler),  # type: ignore[arg-type]
                stop=token,
                config=config,
                limiter=TokenBucket(script.rate, scheduler.clock),
                load=lambda: self._site.load(scheduler),
            )
            self.outcome = engine.run(
                request,
                spool,  # type: ignore[arg-type]
                FragmentStore(self._disk, scheduler),
                reactor=reactor.Reactor(scheduler.clock),
                clock=scheduler.clock,
            )
            self.bodies = spool.bodies
