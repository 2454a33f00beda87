"""Worker dies: its process, or everything below ``up``, with ``kill -9``."""

from __future__ import annotations

import time

from tests.faults.rounds.fault import Fault
from tests.faults.rounds.site import Site


def kill_the_worker(site: Site, download: str) -> None:
    site.stack.kill_worker()


def kill_it_twice(site: Site, download: str) -> None:
    site.stack.kill_worker()
    site.stack.one("celery")
    time.sleep(1)
    site.stack.kill_worker()


def kill_web_and_worker(site: Site, download: str) -> None:
    site.stack.one("daphne").kill()
    site.stack.kill_worker()


FAULTS = (
    Fault("kill -9 of the worker", kill_the_worker),
    Fault("kill -9, twice", kill_it_twice),
    Fault("kill -9 of web and worker", kill_web_and_worker),
)
