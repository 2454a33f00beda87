"""Duplicates: wake-ups many times, and more than one scheduler."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from tests.faults.rounds.fault import Fault
from tests.faults.rounds.site import Site
from tests.support.shell import ROOT


def wake_fifty_times(site: Site, download: str) -> None:
    site.stack.shell("from downloads.queue import wake\nwake.send(50)\nwake.send_probe(20)")


def run_two_more_schedulers(site: Site, download: str) -> None:
    more = [
        subprocess.Popen(
            [sys.executable, "manage.py", "scheduler"],
            cwd=ROOT,
            env={**os.environ, **site.stack.environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(2)
    ]
    time.sleep(6)
    for each in more:
        each.kill()
        each.wait()


FAULTS = (
    Fault("the same wake-up 50 times", wake_fifty_times),
    Fault("three schedulers, two killed", run_two_more_schedulers),
)
