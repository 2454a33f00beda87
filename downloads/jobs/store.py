"""The last steps: a finished part becomes the stored file, exactly once.

``finalizing`` is written first, with name, size and hash; then the file is moved; then ``stored``.
After a crash in between, the next worker sees from the row what to look for.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any, Final

from django.conf import settings
from django.db.models.functions import Now

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import Stopped, StopReason
from downloads.engine.core.media import (
    Selection,
    combined_revision,
)
from downloads.engine.core.progress import Phase, Progress, unreported
from downloads.engine.core.storage_names import storage_name
from downloads.engine.media.inputs import SubtitleFile
from downloads.engine.pipeline.muxing import MuxedFile
from downloads.engine.transfer.checkpoint import Checkpoint
from downloads.engine.transfer.engine import TransferOutcome
from downloads.engine.transfer.sinks.base import Stored
from downloads.engine.transfer.sinks.local import LocalSink
from downloads.engine.transfer.sinks.s3 import S3Sink
from downloads.jobs.admission import charge
from downloads.jobs.job import DownloadJob
from downloads.jobs.steps import step
from downloads.models import Rendition
from downloads.models.subtitles import rows_of, subtitles_of
from downloads.querysets import rendition_with_content
from downloads.queue import counters
from downloads.queue.lease import Lease, report
from downloads.queue.timeline import TransitionNote
from downloads.queue.transitions import NO_LEASE, Status, move
from downloads.storage import storage, subtitles
from downloads.storage.media import Unfinished, media_storage

# What is written of a stored one, built once: see PreparedUpdate.
_STORED: Final[dict[str, Any]] = {
    **NO_LEASE,
    "checkpoint": None,
    "resolution": "",
    "progress": 100.0,
    "stored_at": Now(),
    "reclaims": 0,
}
log = logging.getLogger(__name__)


def open_sink(job: DownloadJob, selection: Selection) -> LocalSink | S3Sink:
    """Return the sink for the one file of ``selection``: straight into the bucket if there is one,
    else into the work folder."""
    # Read again: resolving has found the title.
    row = rendition_with_content(job.rendition.pk)
    name = _name_begun(row) or _name(row, selection)
    unfinished = Unfinished(row.pk, storage.part_dir(row.pk), job.lease.generation)
    return media_storage().sink(name, unfinished, job.stop, cap=settings.FETCH_MAX_BYTES)


@step("store")
def store(
    job: DownloadJob,
    selection: Selection,
    outcome: TransferOutcome,
    sink: LocalSink | S3Sink,
    extras: Sequence[SubtitleFile] = (),
) -> None:
    """Store the fetched file, and its subtitles beside it.

    Raises Stopped, DiskFull, StorageUnavailable, QuotaExceeded by ``charge``.
    """
    stored = Stored(outcome.size, outcome.sha256)
    # The source may have changed since resolving, and the engine begun again.
    revision = combined_revision([outcome.validators])
    if isinstance(sink, S3Sink):
        row = rendition_with_content(job.rendition.pk)
        _finalize(job, row, media_storage().name_begun(sink.key), stored, revision, extras)
        sink.publish(stored)
        finish(job.lease)
    else:
        store_file(job, selection, MuxedFile(sink.path, stored, tuple(extras)), revision)


def store_file(
    job: DownloadJob,
    selection: Selection,
    made: MuxedFile,
    revision: str,
    *,
    on_progress: Callable[[Progress], None] = unreported,
) -> None:
    """Move a finished local file into the storage, and its subtitles beside it. Re-entrant.

    ``revision`` is that of the bytes it was made of. ``on_progress`` is called if the file has to
    be uploaded. Raises Stopped, DiskFull, StorageUnavailable.
    """
    rendition = rendition_with_content(job.rendition.pk)
    name = _name(rendition, selection)
    _finalize(job, rendition, name, made.stored, revision, made.subtitles)
    media_storage().put(made.path, name, made.stored, rendition.pk, job.stop, on_progress)
    finish(job.lease)


def is_published(rendition: Rendition, stop: StopToken) -> bool:
    """Return if an earlier worker moved the file into the storage and died before writing so."""
    if not rendition.storage_name or rendition.size is None:
        return False
    stored = Stored(rendition.size, rendition.sha256 or None)
    return media_storage().holds(rendition.storage_name, stored, stop)


def finish_published(lease: Lease) -> None:
    """Mark as stored what ``is_published``, from the status in which that worker died."""
    move(
        lease.rendition_id,
        Status.RUNNING,
        Status.FINALIZING,
        TransitionNote("finalizing", worker=lease.worker),
        lease=lease.token,
    )
    finish(lease)


def finish(lease: Lease) -> None:
    """Mark the rendition as stored. Raises Stopped if the lease is lost: the next worker marks
    it."""
    stored = move(
        lease.rendition_id,
        Status.FINALIZING,
        Status.STORED,
        # From the row: another worker may have written it before it died.
        lambda row: TransitionNote("stored", row.note, worker=lease.worker),
        lease=lease.token,
        **_STORED,
    )
    if stored is None:
        raise Stopped(StopReason.LEASE_LOST)
    counters.STORED_BYTES.inc(stored.size or 0)
    if stored.started_at is not None and stored.stored_at is not None:
        took = stored.stored_at - stored.started_at
        counters.DURATION.observe(max(took.total_seconds(), 0.0))
    storage.discard_work(lease.rendition_id)
    log.info("stored rendition=%s", lease.rendition_id)


def _finalize(
    job: DownloadJob,
    rendition: Rendition,
    name: str,
    stored: Stored,
    revision: str,
    extras: Sequence[SubtitleFile],
) -> None:
    """Write in the row what will be in the storage, then store the files beside it, so that the
    file is never there without them. ``rendition`` is the row as it is now."""
    charge(rendition, stored.size)
    beside = subtitles.beside(name, extras)
    if rendition.storage_name not in ("", name):
        storage.remove(rendition.storage_name)
    subtitles.discard(set(subtitles_of(rendition.subtitles)) - set(beside))
    facts: dict[str, Any] = {
        "phase": Phase.STORING,
        "bytes_done": stored.size,
        "bytes_total": stored.size,
        "speed": 0,
        "storage_name": name,
        "size": stored.size,
        "sha256": stored.sha256 or "",
        "revision": revision,
        "subtitles": rows_of(beside),
    }
    note = TransitionNote("finalizing", worker=job.lease.worker)
    pk, token = job.lease.rendition_id, job.lease.token
    if not move(pk, Status.RUNNING, Status.FINALIZING, note, lease=token, **facts):
        report(job.lease, **facts)  # another file of this attempt has come as far already
    subtitles.put(beside, extras, job.stop)


def _name_begun(rendition: Rendition) -> str:
    """Return the name that an unfinished upload has already: the title may have changed since."""
    checkpoint = Checkpoint.from_dict(rendition.checkpoint)
    upload = checkpoint and checkpoint.upload
    return media_storage().name_begun(upload.key) if upload else ""


def _name(rendition: Rendition, selection: Selection) -> str:
    return storage_name(
        settings.STORAGE_NAME_TEMPLATE,
        title=rendition.content.title,
        quality=rendition.resolved_quality or selection.quality,
        id=rendition.pk,
        ext=selection.ext,
    )
