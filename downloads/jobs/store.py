"""The last steps: a finished part becomes the stored file, exactly once.

``finalizing`` is written first, with name, size and hash; then the file is moved; then ``stored``.
After a crash in between, the next worker sees from the row what to look for.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from django.conf import settings
from django.db.models.functions import Now

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import Stopped, StopReason
from downloads.engine.core.media import Phase, Selection, combined_revision
from downloads.engine.core.progress import Progress, unreported
from downloads.engine.core.storage_names import storage_name
from downloads.engine.media.inputs import SubtitleFile
from downloads.engine.transfer.checkpoint import Checkpoint
from downloads.engine.transfer.engine import TransferOutcome
from downloads.engine.transfer.sinks.base import Stored
from downloads.engine.transfer.sinks.local import LocalSink
from downloads.engine.transfer.sinks.s3 import S3Sink
from downloads.jobs.admission import charge
from downloads.models import Rendition
from downloads.models.subtitles import rows_of, subtitles_of
from downloads.queue.lease import Lease, report
from downloads.queue.transitions import NO_LEASE, Status, TransitionNote, move
from downloads.storage import storage, subtitles
from downloads.storage.media import Unfinished, media_storage

log = logging.getLogger(__name__)


def open_sink(
    rendition: Rendition, lease: Lease, stop: StopToken, selection: Selection
) -> LocalSink | S3Sink:
    """Return the sink for the one file of ``selection``: straight into the bucket if there is one
    and the bytes need no processing, else into the work folder."""
    folder = storage.part_dir(rendition.pk)
    if selection.is_processed:
        return LocalSink(folder, lease.generation, stop)
    # Read again: resolving has found the title.
    row = Rendition.objects.select_related("content").get(pk=rendition.pk)
    name = _name_begun(row) or _name(row, selection)
    unfinished = Unfinished(rendition.pk, folder, lease.generation)
    return media_storage().sink(name, unfinished, stop, cap=settings.FETCH_MAX_BYTES)


def store(
    lease: Lease,
    stop: StopToken,
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
        _finalize(lease, stop, media_storage().name_begun(sink.key), stored, revision, extras)
        sink.publish(stored)
        finish(lease)
    else:
        _store_path(lease, stop, selection, sink.path, stored, revision, extras)


def store_file(
    lease: Lease,
    stop: StopToken,
    selection: Selection,
    path: Path,
    size: int,
    sha256: str | None,
    *,
    revision: str | None = None,
    extras: Sequence[SubtitleFile] = (),
    on_progress: Callable[[Progress], None] = unreported,
) -> None:
    """Move a finished local file (of ffmpeg, for example) into the storage. Re-entrant.

    ``revision`` is that of the bytes it was made of; None: the resolved one. ``extras`` are stored
    beside it. ``on_progress`` is called if the file has to be uploaded.
    Raises Stopped, DiskFull, StorageUnavailable.
    """
    revision = selection.revision if revision is None else revision
    _store_path(lease, stop, selection, path, Stored(size, sha256), revision, extras, on_progress)


def is_published(rendition: Rendition, stop: StopToken) -> bool:
    """Return if an earlier worker moved the file into the storage and died before writing so."""
    if not rendition.storage_name or rendition.size is None:
        return False
    stored = Stored(rendition.size, rendition.sha256 or None)
    return media_storage().holds(rendition.storage_name, stored, stop)


def finish(lease: Lease) -> None:
    """Mark the rendition as stored. Raises Stopped if the lease is lost: the next worker marks
    it."""
    fields = {**NO_LEASE, "checkpoint": None, "resolution": None, "progress": 100.0}
    # From the row: another worker may have written it before it died.
    lacks = Rendition.objects.values_list("note", flat=True).get(pk=lease.rendition_id)
    note = TransitionNote("stored", lacks, worker=lease.worker)
    stored = {**fields, "stored_at": Now(), "reclaims": 0}
    _ensure_finalizing(lease)
    if not move(
        lease.rendition_id, Status.FINALIZING, Status.STORED, note, lease=lease.token, **stored
    ):
        raise Stopped(StopReason.LEASE_LOST)
    storage.discard_work(lease.rendition_id)
    log.info("stored rendition=%s", lease.rendition_id)


def _store_path(
    lease: Lease,
    stop: StopToken,
    selection: Selection,
    path: Path,
    stored: Stored,
    revision: str,
    extras: Sequence[SubtitleFile],
    on_progress: Callable[[Progress], None] = unreported,
) -> None:
    rendition = Rendition.objects.select_related("content").get(pk=lease.rendition_id)
    name = _name(rendition, selection)
    _finalize(lease, stop, name, stored, revision, extras)
    media_storage().put(path, name, stored, rendition.pk, stop, on_progress)
    finish(lease)


def _finalize(
    lease: Lease,
    stop: StopToken,
    name: str,
    stored: Stored,
    revision: str,
    extras: Sequence[SubtitleFile],
) -> None:
    """Write in the row what will be in the storage, then store the files beside it, so that the
    file is never there without them."""
    rendition = Rendition.objects.select_related("content").get(pk=lease.rendition_id)
    charge(rendition, stored.size)
    beside = subtitles.beside(name, extras)
    if rendition.storage_name not in ("", name):
        storage.remove(rendition.storage_name)
    subtitles.discard(set(subtitles_of(rendition.subtitles)) - set(beside))
    report(
        lease,
        phase=Phase.STORING,
        bytes_done=stored.size,
        bytes_total=stored.size,
        speed=0,
        storage_name=name,
        size=stored.size,
        sha256=stored.sha256 or "",
        revision=revision,
        subtitles=rows_of(beside),
    )
    _ensure_finalizing(lease)
    subtitles.put(beside, extras, stop)


def _ensure_finalizing(lease: Lease) -> None:
    move(
        lease.rendition_id,
        Status.RUNNING,
        Status.FINALIZING,
        TransitionNote("finalizing", worker=lease.worker),
        lease=lease.token,
    )


def _name_begun(rendition: Rendition) -> str:
    """Return the name that an unfinished upload has already: the title may have changed since."""
    kept = Checkpoint.from_dict(rendition.checkpoint)
    return media_storage().name_begun(kept.upload.key) if kept and kept.upload else ""


def _name(rendition: Rendition, selection: Selection) -> str:
    return storage_name(
        settings.STORAGE_NAME_TEMPLATE,
        title=rendition.content.title,
        quality=rendition.resolved_quality or selection.quality,
        id=rendition.pk,
        ext=selection.ext,
    )
