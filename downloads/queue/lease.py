"""The lease: a worker's right to work on a rendition, and its renewal."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import F, UUIDField
from django.db.models.functions import Greatest, Now

from config.prepared import Computed, PreparedUpdate
from downloads import conf
from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import Stopped, StopReason
from downloads.models import Rendition


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease on one rendition. ``worker`` is the worker's name, for the timeline."""

    rendition_id: uuid.UUID
    content_id: uuid.UUID
    token: uuid.UUID
    generation: int
    attempt: int
    worker: str
    alone: bool = False


_held: Final = PreparedUpdate(
    lambda pk, token: Rendition.objects.filter(pk=pk, lease_token=token), UUIDField(), UUIDField()
)
_SEQ: Final = F("seq") + 1
_RENEWED: Final = Now() + conf.LEASE


def write(lease: Lease, **fields: Any) -> bool:
    """Write into the row under the lease. Return False if that is lost."""
    return _held(lease.rendition_id, lease.token, set_=fields) == 1


def renew(lease: Lease, stop: StopToken) -> bool:
    """Extend the lease in the database, and with it the time until the work fences itself. Return
    False if it is lost."""
    started_at = time.monotonic()
    if not write(lease, lease_expires_at=_RENEWED):
        stop.stop(StopReason.LEASE_LOST)
        return False
    stop.hold_until(started_at + (conf.LEASE - conf.LEASE_MARGIN).total_seconds())
    return True


def report(lease: Lease, **fields: Any) -> None:
    """Write facts about the running work; raise Stopped if the lease is lost.

    The one guard by which a shown progress never falls within an attempt: ``progress`` in
    ``fields`` counts only if it is greater. ``seq`` grows in the same UPDATE, so that behind the
    row it is enough to drop what is not newer.
    """
    if (progress := fields.pop("progress", None)) is not None:
        # The bar of another process, which resumes the attempt, may estimate less.
        fields["progress"] = Computed(_no_less, float(progress))
    if not write(lease, seq=_SEQ, **fields):
        raise Stopped(StopReason.LEASE_LOST)


def _no_less(progress: Any) -> Greatest:
    return Greatest(F("progress"), progress)
