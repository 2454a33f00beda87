"""Clock: the host's steps an hour, forth and back, while its processes run or are dead."""

from __future__ import annotations

import time

from tests.faults.rounds.fault import Fault
from tests.faults.rounds.site import Site

HOUR = 3600  # seconds


def _step(site: Site, seconds: int, worker_dies: bool = False) -> None:
    """Step, have it so for a few heartbeats and a look of the reaper, and step back."""
    assert site.clock is not None
    site.clock.step_to(seconds)
    try:
        if worker_dies:
            site.stack.kill_worker()
        time.sleep(7)
    finally:
        site.clock.step_to(0)


def step_forth(site: Site, download: str) -> None:
    _step(site, HOUR)


def step_back(site: Site, download: str) -> None:
    _step(site, -HOUR)


def step_forth_and_die(site: Site, download: str) -> None:
    """The dead worker's lease lies an hour ahead once the clock is right again."""
    _step(site, HOUR, worker_dies=True)


def step_back_and_die(site: Site, download: str) -> None:
    _step(site, -HOUR, worker_dies=True)


FAULTS = (
    Fault("clock +1 h for 7 s", step_forth, needs="clock"),
    Fault("clock -1 h for 7 s", step_back, needs="clock"),
    Fault("clock +1 h, kill -9", step_forth_and_die, needs="clock"),
    Fault("clock -1 h, kill -9", step_back_and_die, needs="clock"),
)
