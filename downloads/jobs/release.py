"""Release of files that no download holds any more.

In two steps, so that a crash between them leaves a row that says what must still be removed:
``stored -> idle`` first, then the file, then its name in the row.
"""

from __future__ import annotations

import logging
import uuid

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from downloads.engine.core.errors import StorageUnavailable
from downloads.models import Download, Rendition
from downloads.models.subtitles import subtitles_of
from downloads.queue.demand import FORGET, lock
from downloads.queue.transitions import Status, TransitionNote, move
from downloads.storage.media import media_storage
from downloads.storage.storage import discard_work, remove, set_work_aside
from downloads.storage.subtitles import discard

log = logging.getLogger(__name__)


def release_unheld(rendition_id: uuid.UUID) -> bool:
    """Remove the files of a rendition without holders. Return True if that is done now.

    A rendition that a worker has in hand is left to it. Safe to call for any rendition, any number
    of times.
    """
    if not _let_go(rendition_id):
        return False
    rendition = Rendition.objects.get(pk=rendition_id)
    if rendition.storage_name:
        remove(rendition.storage_name)
    discard(subtitles_of(rendition.subtitles))
    _discard_unfinished(rendition, Status.IDLE)
    with transaction.atomic():
        lock(rendition.content_id)
        unheld = Rendition.objects.unheld().filter(pk=rendition.pk, status=Status.IDLE)
        unheld.update(storage_name="", size=None, sha256="", subtitles=[], note="", **FORGET)
        if not Download.objects.filter(rendition=rendition).exists():
            unheld.delete()
    return True


def release_failed(rendition_id: uuid.UUID) -> None:
    """Remove the files of a failed rendition: its part, and a file that it may have moved
    already."""
    failed = Rendition.objects.filter(pk=rendition_id, status=Status.FAILED)
    rendition = failed.first()
    if rendition is None:
        return
    named = failed.exclude(storage_name="").values_list("storage_name", "subtitles")
    for name, subtitles in named:
        remove(name)
        discard(subtitles_of(subtitles))
        failed.update(storage_name="", size=None, sha256="", subtitles=[], note="")
    _discard_unfinished(rendition, Status.FAILED)


def _discard_unfinished(rendition: Rendition, status: str) -> None:
    """Discard unfinished files, unless the rendition is wanted again: then it is another
    worker's."""
    with transaction.atomic():
        lock(rendition.content_id)
        if not Rendition.objects.filter(pk=rendition.pk, status=status).exists():
            return
        aside = set_work_aside(rendition.pk)
    if aside is not None:
        discard_work(aside)
    if rendition.generation == 0:
        return  # never begun, so the bucket has nothing of it
    try:
        media_storage().discard_uploads(rendition.pk)
    except StorageUnavailable as error:
        # A cancel must not fail because the bucket is unavailable: the upkeep aborts it later.
        log.warning(
            "storage unavailable, uploads left rendition=%s detail=%r", rendition.pk, error.detail
        )


@transaction.atomic
def _let_go(rendition_id: uuid.UUID) -> bool:
    rendition = Rendition.objects.filter(pk=rendition_id).first()
    if rendition is None:
        return False
    lock(rendition.content_id)
    rendition.refresh_from_db()
    if Download.objects.filter(rendition=rendition).holding().exists():
        return False
    if rendition.status in (Status.STORED, Status.FAILED, Status.QUEUED):
        return move(rendition.pk, rendition.status, Status.IDLE, TransitionNote("released"))
    return rendition.status == Status.IDLE


def sweep_unheld() -> int:
    """Release files left behind by a crash. Return their number."""
    used = Download.objects.filter(rendition=OuterRef("pk")).order_by()
    emptied = Q(status=Status.IDLE, storage_name="", checkpoint=None) & Exists(used)
    left = Rendition.objects.unheld().filter(lease_token=None).exclude(emptied)
    return sum(release_unheld(pk) for pk in left.values_list("pk", flat=True)[:500])
