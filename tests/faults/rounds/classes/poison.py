"""Poison: a URL that kills its worker every time."""

from __future__ import annotations

import threading

from tests.faults.rounds.fault import Fault
from tests.faults.rounds.site import Site, call_until
from tests.support.file import File
from tests.support.request import Request

ENDS_WITHIN = 240.0  # seconds: three leases, three starts, each later than the one before


def kill_every_worker(site: Site, download: str) -> None:
    """Ask for a file that kills any worker that asks for it, beside the one that is under way."""
    path, one = f"/poison{len(site.origin.files)}.bin", threading.Lock()

    def kill(file: File, request: Request) -> None:
        with one:
            for worker in site.stack.processes("celery"):
                worker.kill()

    file = site.origin.serve(path, bytes(1_000_000), on_request=kill)
    pk = site.ask(path)
    ended = call_until(lambda: site.download(pk)["status"] == "failed" or None, ENDS_WITHIN)
    file.on_request = None
    now = site.download(pk)
    assert ended, f"poison goes on: {now}"
    assert now["errorCode"] == "worker_lost", now
    deaths = sum(each.path == path for each in site.origin.log)
    assert 3 <= deaths <= 12, f"{deaths} requests"  # some connections of three attempts
    site.act(pk, "cancel")


FAULTS = (Fault("a URL that kills its worker", kill_every_worker, seconds=75),)
