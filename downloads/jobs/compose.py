"""Composition: a rendition that ffmpeg makes; its streams are fetched, muxed and stored, once.

The row remembers, in this order: the resolution, the durable part of each stream, and at
``finalizing`` the finished file by size and hash. A worker that takes over resumes from the last of
these that still holds.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, replace

from downloads import network
from downloads.conf import media_config
from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.media import Quality, Selection
from downloads.engine.core.notes import Notes
from downloads.engine.core.progress import Progress
from downloads.engine.core.progress_bar import Bar
from downloads.engine.egress.client import Client
from downloads.engine.pipeline import subtitle_files
from downloads.engine.pipeline.context import Tools
from downloads.engine.pipeline.fragment_lists import Lists
from downloads.engine.pipeline.link_refresh import Renewal
from downloads.engine.pipeline.mux_pipeline import Workplace, expected_seconds, make
from downloads.engine.pipeline.muxing import (
    EXTRAS,
    MIB,
    MuxedFile,
    ThroughputEstimate,
    made_as,
)
from downloads.engine.resolver.base import Resolution
from downloads.engine.transfer.sinks.base import Stored
from downloads.engine.transfer.sinks.publish import is_stored
from downloads.jobs import admission, store
from downloads.jobs.progress_report import ProgressReporter
from downloads.jobs.resolve import ask_source
from downloads.models import Rendition
from downloads.queue.checkpoints import RowStreamCheckpoints
from downloads.queue.lease import Lease, report
from downloads.storage.media import media_storage
from downloads.storage.storage import part_dir

log = logging.getLogger(__name__)

_UPLOADING = ThroughputEstimate(20.0 * MIB)  # until it is measured
CHECKPOINT_INTERVAL = 0.5  # seconds: each stream writes the row


@dataclass(frozen=True, slots=True)
class DownloadJob:
    """The lease, stop token and client of one attempt."""

    lease: Lease
    stop: StopToken
    client: Client


def renewal_of(job: DownloadJob, rendition: Rendition, selection: Selection) -> Renewal:
    """Return the renewal of links that expire under way, or over a pause."""
    return Renewal(selection.formats, lambda: ask_source(rendition, job.client).source)


def compose_and_store(
    job: DownloadJob,
    rendition: Rendition,
    found: Resolution,
    lists: Lists,
    reporter: ProgressReporter,
) -> None:
    """Make and store the file. Raises DownloadError and Stopped; fetched bytes are kept then."""
    place = Workplace(part_dir(rendition.pk), job.lease.generation)
    bar = _bar(found.selection)
    made, revision = _made_before(job, rendition, found, place), rendition.revision
    if made is None:
        notes = Notes()
        made, revision = _make(job, rendition, found, lists, place, bar, reporter, notes)
        report(job.lease, note=notes.text)
        log.info("composed rendition=%s size=%d", rendition.pk, made.stored.size)
        if found.selection.quality is Quality.AUTO:  # the source gave no height
            report(job.lease, resolved_quality=made.quality)
    selection = made_as(found.selection, made.path.suffix[1:])
    if selection != found.selection:
        report(job.lease, ext=selection.ext, mime_type=selection.mime_type)
    _store(job, selection, made, revision, bar, reporter)


def _store(
    job: DownloadJob,
    selection: Selection,
    made: MuxedFile,
    revision: str,
    bar: Bar,
    reporter: ProgressReporter,
) -> None:
    size, began = made.stored.size, time.monotonic()
    bar.begin()
    reporter(bar.stored(Progress(0, size), 0.0))

    def on_progress(sent: Progress) -> None:
        reporter(bar.stored(sent, sent.bytes_done / size if size else 1.0))

    store.store_file(
        job.lease,
        job.stop,
        selection,
        made.path,
        size,
        made.stored.sha256,
        revision=revision,
        extras=made.subtitles,
        on_progress=on_progress,
    )
    if media_storage().is_bucket:
        _UPLOADING.learn(size, time.monotonic() - began)


def _make(
    job: DownloadJob,
    rendition: Rendition,
    found: Resolution,
    lists: Lists,
    place: Workplace,
    bar: Bar,
    reporter: ProgressReporter,
    notes: Notes,
) -> tuple[MuxedFile, str]:
    admission.check_disk(found.selection.size or 0)  # the streams stay beside the finished file
    watch = admission.Watch(rendition, found.selection.size)
    config = watch.bounded(
        replace(network.transfer_config(), checkpoint_interval=CHECKPOINT_INTERVAL)
    )

    def tell(now: Progress) -> None:
        watch(now.bytes_done)
        reporter(now)

    with watch.ends():
        return make(
            found,
            lists,
            place,
            tools=Tools(job.client, job.stop, config, network.rate_limiter(), notes),
            checkpoints=RowStreamCheckpoints(job.lease),
            renewal=renewal_of(job, rendition, found.selection),
            media=media_config(),
            bar=bar,
            tell=tell,
        )


def _bar(selection: Selection) -> Bar:
    """Return the progress bar; storing counts only if the file goes into a bucket."""
    size = selection.size or 0
    storing = _UPLOADING.expected(size) if media_storage().is_bucket else 0.0
    return Bar(processing=expected_seconds(selection, size), storing=storing)


def _made_before(
    job: DownloadJob, rendition: Rendition, found: Resolution, place: Workplace
) -> MuxedFile | None:
    """Return the finished file of an earlier worker, if the row confirms it by its hash."""
    if rendition.size is None or not rendition.sha256:
        return None
    stored = Stored(rendition.size, rendition.sha256)
    for path in place.folder.glob("g*.made/file.*"):
        if is_stored(path, stored, job.stop):
            subtitles = subtitle_files.kept(found.selection, path.parent / EXTRAS)
            return MuxedFile(path, stored, subtitles)
    return None
