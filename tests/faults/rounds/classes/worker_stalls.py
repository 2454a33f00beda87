"""Worker stalls: stopped for less than a lease, and for longer."""

from __future__ import annotations

import time

from tests.faults.rounds.fault import Fault
from tests.faults.rounds.site import Site
from tests.support.stack import runs


def _stop_for(seconds: float, site: Site) -> None:
    worker = site.stack.one("celery")
    worker.suspend()
    time.sleep(seconds)
    if runs(worker):  # maintenance may have ended it meanwhile
        worker.resume()


def stall_shortly(site: Site, download: str) -> None:
    _stop_for(4, site)


def stall_beyond_the_lease(site: Site, download: str) -> None:
    _stop_for(17, site)


FAULTS = (
    Fault("SIGSTOP for 4 s", stall_shortly),
    Fault("SIGSTOP for 17 s", stall_beyond_the_lease),
)
