"""Clock: the ledger's is set back by an hour, so that all it has written lies in the future."""

from __future__ import annotations

from tests.faults.rounds.fault import Fault
from tests.faults.rounds.site import Site

_SET_BACK = """
from datetime import timedelta
from django.db.models import F
from downloads.models import MaintenanceTurn, Rendition, SourceHost, Worker
for model, names in {
    Rendition: ("next_attempt_at", "waits_since", "lease_expires_at", "queued_at"),
    SourceHost: ("cooling_until", "cooling_since"),
    Worker: ("heartbeat_at",),
    MaintenanceTurn: ("expires_at", "done_at"),
}.items():
    model.objects.update(**{name: F(name) + timedelta(hours=1) for name in names})
"""


def set_back(site: Site, download: str) -> None:
    site.stack.shell(_SET_BACK)


def set_back_while_the_worker_is_dead(site: Site, download: str) -> None:
    site.stack.kill_worker()
    site.stack.shell(_SET_BACK)


FAULTS = (
    Fault("clock set back an hour", set_back),
    Fault("clock set back, worker dead", set_back_while_the_worker_is_dead),
)
