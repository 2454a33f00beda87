"""One rendition, from its lease to its end.

The runner alone joins resolver, engine, storage and ledger; none of these knows another. What
it does to the ledger goes through ``transitions`` under the lease, so a runner whose lease is
gone changes nothing.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from downloads import admission, outbound, storing
from downloads.delivery.storage import part_dir
from downloads.egress.client import Client
from downloads.exceptions import (
    DownloadError,
    InternalError,
    RateLimited,
    Stopped,
    StopReason,
)
from downloads.models import Rendition
from downloads.queue import wake
from downloads.queue.checkpoints import RowCheckpointStore
from downloads.queue.hosts import cool_down
from downloads.queue.lease import Lease, report
from downloads.queue.retry import delay_before_retry
from downloads.queue.transitions import NO_LEASE, Status, Story, move, stamp_failure
from downloads.queue.wanting import FORGET, rest_if_unwanted
from downloads.release import release_failed, release_unheld
from downloads.resolution import kept_selection, resolve
from downloads.resolver import registry
from downloads.speed_samples import SpeedSamples
from downloads.stop import StopToken
from downloads.streams import Phase, Quality, Selection, Stream
from downloads.transfer import engine
from downloads.transfer.engine import Outcome
from downloads.transfer.progress import Progress
from downloads.transfer.sinks.local import LocalSink

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    lease: Lease
    stop: StopToken
    client: Client


def run(lease: Lease, stop: StopToken) -> None:
    """Work on it until it is stored, put down, handed back, or has failed. Never raises."""
    log.info("started rendition=%s attempt=%d", lease.rendition_id, lease.attempt)
    try:
        _run(lease, stop)
    except DatabaseError:
        # nothing can be written: the lease lapses, and the reaper puts it back into the queue
        log.exception("the database is away rendition=%s", lease.rendition_id)


def _run(lease: Lease, stop: StopToken) -> None:
    try:
        rendition = Rendition.objects.select_related("content").get(pk=lease.rendition_id)
        with outbound.client(stop, grants=rendition.content.grants) as client:
            _fetch_and_store(Job(lease, stop, client), rendition)
    except Stopped as stopped:
        _put_down(lease, stopped.reason)
    except DownloadError as error:
        _fail(lease, error)
    except DatabaseError:
        raise
    except Exception as error:
        log.exception("unexpected rendition=%s", lease.rendition_id)
        _fail(lease, InternalError(repr(error)))


def _fetch_and_store(job: Job, rendition: Rendition) -> None:
    if storing.is_published(rendition, job.stop):
        storing.finish(job.lease)
        return
    selection = kept_selection(rendition) or resolve(job.lease, rendition, job.client)
    if selection is None:
        log.info("joined another rendition=%s", rendition.pk)
        wake.send()
        return
    admission.admit(rendition, selection.size)
    sink = LocalSink(part_dir(rendition.pk), job.lease.generation, job.stop)
    try:
        outcome = _transfer(job, rendition, selection, sink)
        storing.store(job.lease, job.stop, selection, outcome, sink)
    finally:
        sink.close()
    release_unheld(rendition.pk)


def _transfer(job: Job, rendition: Rendition, selection: Selection, sink: LocalSink) -> Outcome:
    (stream,) = selection.streams
    samples = SpeedSamples()

    def resolved_again() -> Stream:
        """The URL has expired, over a pause perhaps: ask the source for a new one."""
        found = registry.resolve(
            rendition.content.source_url, Quality(rendition.quality), job.client
        )
        return found.selection.streams[0]

    return engine.run(
        stream,
        sink,
        client=job.client,
        store=RowCheckpointStore(job.lease),
        stop=job.stop,
        config=outbound.transfer_config(),
        on_progress=lambda progress: _tell(job.lease, progress, samples),
        refresh=resolved_again,
        limiter=outbound.rate_limiter(),
    )


def _tell(lease: Lease, progress: Progress, samples: SpeedSamples) -> None:
    admission.check_disk()
    samples.add(progress.speed)
    drawn = samples.due(last=progress.bytes_done == progress.bytes_total)
    try:
        report(
            lease,
            phase=Phase.DOWNLOADING,
            bytes_done=progress.bytes_done,
            bytes_total=progress.bytes_total,
            speed=progress.speed,
            eta=progress.eta,
            progress=percent(progress),
            **({} if drawn is None else {"speed_samples": drawn}),
        )
    except DatabaseError as error:
        # the transfer goes on while the lease is good; the stop token knows how long that is
        log.warning("progress not told rendition=%s: %s", lease.rendition_id, type(error).__name__)
        connection.close()


def percent(progress: Progress) -> float:
    if not progress.bytes_total:
        return 0.0
    return min(100.0 * progress.bytes_done / progress.bytes_total, 100.0)


# --- ends that are not success ------------------------------------------------------------


def _put_down(lease: Lease, reason: StopReason) -> None:
    log.info("put down rendition=%s reason=%s", lease.rendition_id, reason)
    if reason is StopReason.LEASE_LOST:
        return  # it is somebody else's now
    if reason is StopReason.UNWANTED and rest_if_unwanted(
        lease.rendition_id, lease=lease.token, worker=lease.worker
    ):
        release_unheld(lease.rendition_id)
        return
    _hand_back(lease)


def _hand_back(lease: Lease) -> None:
    """To the queue as it came: this attempt does not count."""
    _leave(
        lease,
        Status.QUEUED,
        Story("handed_back", "The worker stops; another one goes on.", worker=lease.worker),
        attempts=F("attempts") - 1,
        next_attempt_at=Now(),
    )
    wake.send()


def _fail(lease: Lease, error: DownloadError) -> None:
    """Another attempt later where that may help, else the end."""
    log.warning("failed rendition=%s code=%s: %s", lease.rendition_id, error.code, error.detail)
    delay = delay_before_retry(error, lease.attempt)
    said: dict[str, Any] = {
        "error_code": error.code,
        "error": error.message,
        "error_detail": error.detail[:2000],
    }
    if delay is None:
        _fail_for_good(lease, error, said)
        return
    if isinstance(error, RateLimited):
        cool_down(Rendition.objects.get(pk=lease.rendition_id).host, delay)
    story = Story("retry_later", error.message, error.code, lease.worker)
    _leave(lease, Status.QUEUED, story, next_attempt_at=Now() + timedelta(seconds=delay), **said)


def _fail_for_good(lease: Lease, error: DownloadError, said: dict[str, Any]) -> None:
    story = Story("failed", error.message, error.code, lease.worker)
    with transaction.atomic():
        if not _leave(lease, Status.FAILED, story, **said, **FORGET):
            return
        rendition = Rendition.objects.get(pk=lease.rendition_id)
        stamp_failure(rendition, error_code=error.code, error=error.message)
    release_failed(lease.rendition_id)


def _leave(lease: Lease, new: str, story: Story, **fields: Any) -> bool:
    """Give the lease up, from whichever of its two statuses the work is in."""
    fields = {**NO_LEASE, **fields}
    return any(
        move(lease.rendition_id, old, new, story, lease=lease.token, **fields)
        for old in (Status.RUNNING, Status.FINALIZING)
    )
