"""Worker stops: told to, in the middle of its work."""

from __future__ import annotations

from tests.faults.rounds.fault import Fault
from tests.faults.rounds.site import Site
from tests.support.stack import runs, until


def terminate(site: Site, download: str) -> None:
    worker = site.stack.one("celery")
    worker.terminate()
    until(lambda: not runs(worker), 12)


def stop_and_start_everything(site: Site, download: str) -> None:
    site.stack.stop()
    site.stack.start()


FAULTS = (
    Fault("SIGTERM to the worker", terminate),
    Fault("stop and start of everything", stop_and_start_everything),
)
