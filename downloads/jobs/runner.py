"""The runner: one rendition, from its lease to its end.

It alone joins resolver, engine, storage and ledger; none of these knows another. Its changes to the
ledger go through ``transitions`` under the lease, so a runner whose lease is lost changes nothing.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial
from typing import Any, Final

from django.db import DatabaseError, transaction
from django.db.models import F
from django.db.models.functions import Now

from downloads import network
from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import (
    DownloadError,
    InternalError,
    RateLimited,
    SourceChanged,
    Stopped,
    StopReason,
    StorageUnavailable,
)
from downloads.engine.core.log_context import in_log_context
from downloads.engine.core.notes import EMPTY, Notes
from downloads.engine.core.options import Options
from downloads.engine.core.progress import Progress
from downloads.engine.core.progress_bar import Bar
from downloads.engine.media.inputs import SubtitleFile
from downloads.engine.pipeline.extras import fetch_subtitles
from downloads.engine.pipeline.fragment_lists import Lists, load_lists, revision_of
from downloads.engine.pipeline.link_refresh import Renewal
from downloads.engine.pipeline.media_check import inspected, inspector
from downloads.engine.pipeline.muxing import EXTRAS
from downloads.engine.resolver import dead_streams
from downloads.engine.resolver.base import Resolution
from downloads.engine.transfer import engine
from downloads.engine.transfer.request import FileRequest
from downloads.jobs import admission, store
from downloads.jobs.compose import compose_and_store
from downloads.jobs.job import DownloadJob
from downloads.jobs.kept_resolution import kept_resolution
from downloads.jobs.progress_report import ProgressReporter
from downloads.jobs.release import release_abandoned, release_failed, release_unheld
from downloads.jobs.resolve import ask_source, keep
from downloads.jobs.steps import mark_failed, step
from downloads.models import Rendition
from downloads.querysets import holders_wanting, rendition_with_content
from downloads.queue import wake
from downloads.queue.checkpoints import RowCheckpointStore
from downloads.queue.demand import FORGET, idle_if_unwanted
from downloads.queue.hosts import cool_down
from downloads.queue.lease import Lease, report
from downloads.queue.retry import delay_before_retry
from downloads.queue.timeline import TransitionNote
from downloads.queue.transitions import NO_LEASE, Status, move, stamp_failure
from downloads.storage.storage import part_dir

_TOLD: Final = 5  # ids of downloads in a log line
log = logging.getLogger(__name__)


def run(lease: Lease, stop: StopToken) -> None:
    """Work on a rendition until it is stored, released, handed back, or has failed. Never
    raises."""
    try:
        ids = {"rendition": str(lease.rendition_id), "download": _holders(lease)}
        with in_log_context(**ids), step("download", attempt=lease.attempt, **ids):
            log.info("download started attempt=%d", lease.attempt)
            _run(lease, stop)
    except DatabaseError:
        # Nothing can be written: the lease lapses, and the reaper puts it back into the queue.
        log.exception("database unavailable rendition=%s", lease.rendition_id)
    except StorageUnavailable as error:
        # Its end is written; only its files could not be removed: the sweep does it.
        log.warning(
            "storage unavailable, files left rendition=%s detail=%r",
            lease.rendition_id,
            error.detail,
        )


def _run(lease: Lease, stop: StopToken) -> None:
    try:
        rendition = rendition_with_content(lease.rendition_id)
        with network.client_for(rendition, stop) as client:
            _fetch_and_store(DownloadJob(lease, rendition, stop, client, ProgressReporter(lease)))
    except Stopped as stopped:
        _release(lease, stopped.reason)
    except DownloadError as error:
        _fail(lease, error)
    except DatabaseError:
        raise
    except Exception as error:
        log.exception("download failed: unexpected rendition=%s", lease.rendition_id)
        _fail(lease, InternalError(repr(error)))


def _holders(lease: Lease) -> str:
    """Return the ids of the downloads that want it, some at most: users and pages know these."""
    return ",".join(str(each.pk) for each in holders_wanting(lease.rendition_id)[:_TOLD])


def _fetch_and_store(job: DownloadJob) -> None:
    rendition = job.rendition
    if store.is_published(rendition, job.stop):
        store.finish_published(job.lease)
        return
    resolution = kept_resolution(rendition)
    lists: Lists = {}
    if resolution is None:
        resolution = _ask(job)
        lists = load_lists(resolution.selection, job.client)
        if not _keep(job, resolution, lists):
            return
    admission.admit(rendition, resolution.selection.size)
    if not resolution.selection.is_processed:
        _fetch_as_it_is(job, resolution)
    elif not _compose(job, resolution, lists):
        return
    release_unheld(rendition.pk)


@step("resolve")
def _ask(job: DownloadJob) -> Resolution:
    container = Options.parse(job.rendition.options).container
    return inspected(ask_source(job.rendition, job.client), job.client, container)


@step("compose")
def _compose(job: DownloadJob, resolution: Resolution, lists: Lists) -> bool:
    """Compose the file, with another quality if that of ``resolution`` turns out to be gone at the
    source. Return False if another rendition has the same bytes."""
    while True:
        try:
            compose_and_store(job, resolution, lists)
            return True
        except DownloadError:
            other = dead_streams.another(resolution, job.client, partial(_ask, job))
            if other is None or not other.selection.is_processed:
                raise
            resolution, lists = other, load_lists(other.selection, job.client)
        if not _keep(job, resolution, lists):
            return False


def _keep(job: DownloadJob, resolution: Resolution, lists: Lists) -> bool:
    """Return False if another rendition has the same bytes."""
    if keep(job.lease, job.rendition, resolution, revision_of(resolution.selection, lists)):
        return True
    log.info("joined another rendition=%s", job.rendition.pk)
    wake.send()
    return False


@step("fetch")
def _fetch_as_it_is(job: DownloadJob, resolution: Resolution) -> None:
    """Fetch one file that is stored unchanged, straight to its place."""
    selection = resolution.selection
    (stream,) = selection.streams
    renewal = job.renewal(selection)
    bar, watch = Bar(), admission.Watch(job.rendition, selection.size)

    def tell(now: Progress) -> None:
        watch(now.bytes_done)
        job.reporter(bar.fetched(now))

    request = FileRequest(
        client=job.client,
        stop=job.stop,
        config=watch.bounded(network.transfer_config()),
        limiter=network.rate_limiter(),
        on_progress=tell,
        stream=stream,
        refresh=lambda: renewal.another(0),
        inspect=inspector(selection.ext),
    )
    sink = store.open_sink(job, selection)
    try:
        with watch.ends():
            outcome = engine.run(request, sink, RowCheckpointStore(job.lease))
        extras = _extras(job, resolution, renewal, is_empty=not outcome.size)
        store.store(job, selection, outcome, sink, extras)
    finally:
        sink.close()


def _extras(
    job: DownloadJob, resolution: Resolution, renewal: Renewal, *, is_empty: bool
) -> tuple[SubtitleFile, ...]:
    """Return the subtitles beside a file that is stored unchanged, and write down its notes."""
    notes = Notes()
    for sentence in resolution.source.notes:
        notes.add(sentence)
    extras = fetch_subtitles(
        resolution.selection,
        part_dir(job.rendition.pk) / EXTRAS,
        client=job.client,
        stop=job.stop,
        renew=renewal.subtitle,
        notes=notes,
        length=job.rendition.content.duration,
    )
    if is_empty:
        notes.add(EMPTY)
    if notes.sentences or resolution.selection.subtitles:
        report(job.lease, note=notes.text)
    return extras


# --- ends that are not success ------------------------------------------------------------


def _release(lease: Lease, reason: StopReason) -> None:
    log.info("released rendition=%s reason=%s", lease.rendition_id, reason)
    if reason is StopReason.LEASE_LOST:
        return  # another worker owns it now
    if reason is StopReason.UNWANTED and idle_if_unwanted(
        lease.rendition_id, lease=lease.token, worker=lease.worker
    ):
        if not release_unheld(lease.rendition_id):
            release_abandoned(lease.rendition_id)
        return
    _hand_back(lease)


def _hand_back(lease: Lease) -> None:
    """Return the rendition to the queue: this attempt does not count."""
    _leave(
        lease,
        Status.QUEUED,
        TransitionNote(
            "handed_back", "The worker stops; another one resumes.", worker=lease.worker
        ),
        attempts=F("attempts") - 1,
        next_attempt_at=Now(),
        waits_since=Now(),
    )
    wake.send()


def _fail(lease: Lease, error: DownloadError) -> None:
    """Schedule another attempt if that may help, else end the rendition as failed."""
    log.warning(
        "download failed rendition=%s code=%s detail=%r",
        lease.rendition_id,
        error.code,
        error.detail,
    )
    mark_failed(error.code)
    delay = delay_before_retry(error, lease.attempt)
    fields: dict[str, Any] = {
        "error_code": error.code,
        "error": error.message,
        "error_detail": error.detail[:2000],
    }
    if isinstance(error, SourceChanged):
        fields["resolution"] = ""  # resolve again
    if delay is None:
        _fail_for_good(lease, error, fields)
        return
    if isinstance(error, RateLimited):
        # None where the lease lapsed, and who took it over has merged the rendition into another.
        for host in Rendition.objects.filter(pk=lease.rendition_id).values_list("host", flat=True):
            cool_down(host, delay)
    note = TransitionNote("retry_later", error.message, error.code, lease.worker)
    fields |= {"next_attempt_at": Now() + timedelta(seconds=delay), "waits_since": Now()}
    _leave(lease, Status.QUEUED, note, **fields)


def _fail_for_good(lease: Lease, error: DownloadError, fields: dict[str, Any]) -> None:
    note = TransitionNote("failed", error.message, error.code, lease.worker)
    with transaction.atomic():
        if not _leave(lease, Status.FAILED, note, **{**fields, **FORGET}):
            return
        rendition = Rendition.objects.get(pk=lease.rendition_id)
        stamp_failure(rendition, error_code=error.code, error=error.message)
    release_failed(lease.rendition_id)


def _leave(lease: Lease, new: str, note: TransitionNote, **fields: Any) -> bool:
    """Give the lease up, from either of the two statuses of running work."""
    fields = {**NO_LEASE, **fields}
    return any(
        move(lease.rendition_id, old, new, note, lease=lease.token, **fields)
        for old in (Status.RUNNING, Status.FINALIZING)
    )
