"""The whole engine for fragments, as ``world`` has the one for files: killed, and started again."""

from __future__ import annotations

from dataclasses import dataclass, field

from downloads.engine.core import cancellation
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
from tests.engine.transfer.simulation.life import until_done
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
class FragmentsRun:
    """One process of a life. ``bodies`` of the version that was fetched."""

    script: FragmentScript
    site: FragmentSite
    disk: FragmentDisk
    scheduler: Scheduler
    outcome: FragmentsOutcome | None = None
    bodies: list[bytes] = field(default_factory=list)

    def __call__(self) -> None:
        script, scheduler = self.script, self.scheduler
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
            spool = RecordingSpool(self.disk, self.site, scheduler, token)
            request = FragmentsRequest(
                client=Network(self.site, scheduler),  # type: ignore[arg-type]
                stop=token,
                config=config,
                limiter=TokenBucket(script.rate, scheduler.clock),
                load=lambda: self.site.load(scheduler),
            )
            self.outcome = engine.run(
                request,
                spool,  # type: ignore[arg-type]
                FragmentStore(self.disk, scheduler),
                reactor=reactor.Reactor(scheduler.clock),
                clock=scheduler.clock,
            )
            self.bodies = spool.bodies


def live(script: FragmentScript) -> FragmentsRun:
    """Run until it is done. Raises AssertionError for whatever must not happen."""
    site = FragmentSite(
        script.size,
        iter(script.answers),
        script.lacks,
        count=script.count,
        shape=script.shape,
        mirrors=script.mirrors,
    )
    disk = FragmentDisk()
    return until_done(script, lambda scheduler: FragmentsRun(script, site, disk, scheduler))
