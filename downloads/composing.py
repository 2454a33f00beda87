"""A rendition that ffmpeg has to make: its streams fetched, put together and stored, once.

The row remembers, in this order: what was resolved, how much of each stream is durable, and at
``finalizing`` the finished file by size and hash. A worker that takes over goes on from the last
of these that it finds true.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

from downloads import admission, outbound, storing
from downloads.bar import Bar, Reading
from downloads.conf import media_config
from downloads.delivery.storage import part_dir
from downloads.egress.client import Client
from downloads.fetching import Lists, Renewal, Tools
from downloads.making import Workplace, expected_seconds, make
from downloads.models import Rendition
from downloads.processing import Made
from downloads.queue.checkpoints import RowStreamCheckpoints
from downloads.queue.lease import Lease
from downloads.resolution import ask_source
from downloads.resolver.base import Resolution
from downloads.stop import StopToken
from downloads.streams import Phase, Selection
from downloads.telling import Telling
from downloads.transfer.progress import Progress
from downloads.transfer.sinks.base import Stored
from downloads.transfer.sinks.publish import is_stored

log = logging.getLogger(__name__)

CHECKPOINT_INTERVAL = 0.5  # seconds: each stream writes the row


@dataclass(frozen=True, slots=True)
class Job:
    lease: Lease
    stop: StopToken
    client: Client


def renewal_of(job: Job, rendition: Rendition, selection: Selection) -> Renewal:
    """For links that expire under way, over a pause perhaps."""
    return Renewal(selection.formats, lambda: ask_source(rendition, job.client).source)


def compose_and_store(
    job: Job, rendition: Rendition, found: Resolution, lists: Lists, telling: Telling
) -> None:
    """Raises DownloadError and Stopped; what was fetched is kept then."""
    place = Workplace(part_dir(rendition.pk), job.lease.generation)
    made, revision = _made_before(rendition, place, job.stop), rendition.revision
    if made is None:
        made, revision = _make(job, rendition, found, lists, place, telling)
        log.info("made rendition=%s size=%d", rendition.pk, made.stored.size)
    size = made.stored.size
    telling(Phase.STORING, Progress(size, size), Reading(0.0, None))
    storing.store_file(
        job.lease,
        job.stop,
        found.selection,
        made.path,
        size,
        made.stored.sha256,
        revision=revision,
    )


def _make(
    job: Job,
    rendition: Rendition,
    found: Resolution,
    lists: Lists,
    place: Workplace,
    telling: Telling,
) -> tuple[Made, str]:
    admission.check_disk(found.selection.size or 0)  # the streams stay beside what is made of them
    config = replace(outbound.transfer_config(), checkpoint_interval=CHECKPOINT_INTERVAL)
    return make(
        found,
        lists,
        place,
        tools=Tools(job.client, job.stop, config, outbound.rate_limiter()),
        checkpoints=RowStreamCheckpoints(job.lease),
        renewal=renewal_of(job, rendition, found.selection),
        media=media_config(),
        bar=Bar(processing=expected_seconds(found.selection)),
        tell=telling,
    )


def _made_before(rendition: Rendition, place: Workplace, stop: StopToken) -> Made | None:
    """The finished file of an earlier worker: trusted only where the row knows it by its hash."""
    if rendition.size is None or not rendition.sha256:
        return None
    stored = Stored(rendition.size, rendition.sha256)
    for path in place.folder.glob("g*.made/file.*"):
        if is_stored(path, stored, stop):
            return Made(path, stored)
    return None
