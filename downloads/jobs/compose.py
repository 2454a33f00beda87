"""Composition: a rendition that ffmpeg makes; its streams are fetched, muxed and stored, once.

The row remembers, in this order: the resolution, the durable part of each stream, and at
``finalizing`` the finished file by size and hash. A worker that takes over resumes from the last of
these that still holds.
"""

from __future__ import annotations

import logging
import time
from dataclasses import replace

from downloads import network
from downloads.conf import media_config
from downloads.engine.core import languages
from downloads.engine.core.media import Quality, Selection
from downloads.engine.core.progress import Progress
from downloads.engine.core.progress_bar import Bar
from downloads.engine.pipeline import subtitle_files
from downloads.engine.pipeline.fragment_lists import Lists
from downloads.engine.pipeline.job import FetchJob
from downloads.engine.pipeline.mux_pipeline import expected_seconds, make
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
from downloads.jobs.job import DownloadJob
from downloads.queue.checkpoints import RowStreamCheckpoints
from downloads.queue.lease import report
from downloads.storage.media import media_storage
from downloads.storage.storage import part_dir

log = logging.getLogger(__name__)

_UPLOADING = ThroughputEstimate(20.0 * MIB)  # until it is measured
CHECKPOINT_INTERVAL = 0.5  # seconds: each stream writes the row


def compose_and_store(job: DownloadJob, resolution: Resolution, lists: Lists) -> None:
    """Make and store the file. Raises DownloadError and Stopped; fetched bytes are kept then."""
    bar = _bar(resolution.selection)
    made, revision = _made_before(job, resolution), job.rendition.revision
    if made is None:
        made, revision = _make(job, resolution, lists, bar)
        log.info("composed rendition=%s size=%d", job.rendition.pk, made.stored.size)
        if resolution.selection.quality is Quality.AUTO:  # the source gave no height
            report(job.lease, resolved_quality=made.quality)
    selection = made_as(resolution.selection, made.path.suffix[1:])
    if selection != resolution.selection:
        report(job.lease, ext=selection.ext, mime_type=selection.mime_type)
    _store(job, selection, made, revision, bar)


def _make(
    job: DownloadJob, resolution: Resolution, lists: Lists, bar: Bar
) -> tuple[MuxedFile, str]:
    # the streams stay beside the finished file
    admission.check_disk(resolution.selection.size or 0)
    watch = admission.Watch(job.rendition, resolution.selection.size)

    def tell(now: Progress) -> None:
        watch(now.bytes_done)
        job.reporter(now)

    limits = watch.bounded(network.transfer_config())
    config = replace(limits, checkpoint_interval=CHECKPOINT_INTERVAL)
    fetch = FetchJob(job.client, job.stop, config, network.rate_limiter(), media_config, tell=tell)
    with watch.ends():
        made, revision = make(
            fetch,
            resolution,
            lists,
            part_dir(job.rendition.pk),
            generation=job.lease.generation,
            checkpoints=RowStreamCheckpoints(job.lease),
            renewal=job.renewal(resolution.selection),
            bar=bar,
        )
    # what the source declares counts more than what its files say, which is often "und"
    language = languages.told(resolution.selection.spoken) or languages.told(made.language)
    report(job.lease, note=fetch.notes.text, language=language)
    return made, revision


def _store(
    job: DownloadJob, selection: Selection, made: MuxedFile, revision: str, bar: Bar
) -> None:
    size, began = made.stored.size, time.monotonic()
    bar.begin()
    job.reporter(bar.stored(Progress(0, size), 0.0))

    def tell(sent: Progress) -> None:
        job.reporter(bar.stored(sent, sent.bytes_done / size if size else 1.0))

    store.store_file(job, selection, made, revision, on_progress=tell)
    if media_storage().is_bucket:
        _UPLOADING.learn(size, time.monotonic() - began)


def _bar(selection: Selection) -> Bar:
    """Return the progress bar; storing counts only if the file goes into a bucket."""
    size = selection.size or 0
    storing = _UPLOADING.expected(size) if media_storage().is_bucket else 0.0
    return Bar(processing=expected_seconds(selection, size), storing=storing)


def _made_before(job: DownloadJob, resolution: Resolution) -> MuxedFile | None:
    """Return the finished file of an earlier worker, if the row confirms it by its hash."""
    rendition = job.rendition
    if rendition.size is None or not rendition.sha256:
        return None
    stored = Stored(rendition.size, rendition.sha256)
    for path in part_dir(rendition.pk).glob("g*.made/file.*"):
        if is_stored(path, stored, job.stop):
            subtitles = subtitle_files.kept(resolution.selection, path.parent / EXTRAS)
            return MuxedFile(path, stored, subtitles)
    return None
