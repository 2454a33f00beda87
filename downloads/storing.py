"""The last steps: a finished part becomes the stored file, exactly once.

``finalizing`` is written first, with name, size and hash; then the file is moved; then
``stored``. Whoever comes after a crash in between sees from the row what to look for.
"""

from __future__ import annotations

import logging

from django.conf import settings
from django.db.models.functions import Now

from downloads.admission import charge
from downloads.delivery import storage
from downloads.delivery.naming import storage_name
from downloads.exceptions import Stopped, StopReason
from downloads.models import Rendition
from downloads.queue.lease import Lease, report
from downloads.queue.transitions import NO_LEASE, Status, Story, move
from downloads.stop import StopToken
from downloads.streams import Phase, Selection, combined_revision
from downloads.transfer.engine import Outcome
from downloads.transfer.sinks.base import Stored
from downloads.transfer.sinks.local import LocalSink
from downloads.transfer.sinks.publish import is_stored

log = logging.getLogger(__name__)


def store(
    lease: Lease, stop: StopToken, selection: Selection, outcome: Outcome, sink: LocalSink
) -> None:
    """Put the finished part into the storage. Raises Stopped, DiskFull, StorageUnavailable."""
    rendition = Rendition.objects.select_related("content").get(pk=lease.rendition_id)
    charge(rendition, outcome.size)
    stored = Stored(outcome.size, outcome.sha256)
    name = _name(rendition, selection)
    if rendition.storage_name not in ("", name):
        storage.remove(rendition.storage_name)
    report(lease, phase=Phase.STORING, bytes_done=stored.size, bytes_total=stored.size, speed=0)
    _finalize(lease, name, stored, outcome)
    final = storage.final_path(name)
    if final is not None:
        sink.publish(final, stored)
    else:
        stop.check()
        storage.save_file(name, sink.path)
    finish(lease)


def is_published(rendition: Rendition, stop: StopToken) -> bool:
    """Whether an earlier worker moved the file into the storage and died before saying so."""
    if not rendition.storage_name or rendition.size is None:
        return False
    final = storage.final_path(rendition.storage_name)
    if final is not None:
        return is_stored(final, Stored(rendition.size, rendition.sha256 or None), stop)
    return storage.size(rendition.storage_name) == rendition.size


def finish(lease: Lease) -> None:
    """Say that it is stored. Raises Stopped where the lease is gone: the successor says it."""
    said = {**NO_LEASE, "checkpoint": None, "resolution": None, "progress": 100.0}
    story = Story("stored", worker=lease.worker)
    stored = {**said, "stored_at": Now(), "reclaims": 0}
    _ensure_finalizing(lease)
    if not move(
        lease.rendition_id, Status.FINALIZING, Status.STORED, story, lease=lease.token, **stored
    ):
        raise Stopped(StopReason.LEASE_LOST)
    storage.discard_work(lease.rendition_id)
    log.info("stored rendition=%s", lease.rendition_id)


def _finalize(lease: Lease, name: str, stored: Stored, outcome: Outcome) -> None:
    report(
        lease,
        storage_name=name,
        size=stored.size,
        sha256=stored.sha256 or "",
        # the source may have changed, and the engine begun again, since it was resolved
        revision=combined_revision([outcome.validators]),
    )
    _ensure_finalizing(lease)


def _ensure_finalizing(lease: Lease) -> None:
    move(
        lease.rendition_id,
        Status.RUNNING,
        Status.FINALIZING,
        Story("finalizing", worker=lease.worker),
        lease=lease.token,
    )


def _name(rendition: Rendition, selection: Selection) -> str:
    return storage_name(
        settings.STORAGE_NAME_TEMPLATE,
        title=rendition.content.title,
        quality=selection.quality,
        id=rendition.pk,
        ext=selection.ext,
    )
