"""Release of files that no download holds any more.

In two steps, so that a crash between them leaves a row that says what must still be removed:
``stored -> idle`` first, then the file, then its name in the row.
"""

from __future__ import annotations

import logging
import time
import uuid
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, UUIDField

from config.prepared import PreparedValues
from downloads.engine.core.errors import StorageUnavailable
from downloads.models import Download, Rendition
from downloads.models.subtitles import subtitles_of
from downloads.querysets import AT_REST, HOLDS
from downloads.queue.demand import FORGET, lock
from downloads.queue.timeline import TransitionNote
from downloads.queue.transitions import Status, move
from downloads.storage.media import media_storage
from downloads.storage.storage import discard_work, remove, set_work_aside
from downloads.storage.subtitles import discard

SWEEP_WITHIN: Final = 5.0  # seconds
_held: Final = PreparedValues(
    lambda pk: Download.objects.filter(HOLDS, rendition=pk).order_by().values_list("pk")[:1],
    UUIDField(),
)
log = logging.getLogger(__name__)


def release_unheld(rendition_id: uuid.UUID) -> bool:
    """Remove the files of a rendition without holders. Return True if that is done now.

    A rendition that a worker has in hand is left to it. Safe to call for any rendition, any number
    of times. What a bucket cannot be asked to remove now is removed by a later call, of the sweep:
    the row stays until then.
    """
    # Most calls end here. Who lets go of it later sees what it is by then, and releases it.
    if _held(rendition_id):
        return False
    rendition = _let_go(rendition_id)
    if rendition is None:
        return False
    if rendition.storage_name:
        remove(rendition.storage_name)
    discard(subtitles_of(rendition.subtitles))
    if not _discard_unfinished(rendition, Status.IDLE):
        return False
    with transaction.atomic():
        lock(rendition.content_id)
        unheld = Rendition.objects.unheld().filter(pk=rendition.pk, status=Status.IDLE)
        unheld.update(storage_name="", size=None, sha256="", subtitles=[], note="", **FORGET)
        if not Download.objects.filter(rendition=rendition).exists():
            unheld.delete()
    return True


def release_failed(rendition_id: uuid.UUID) -> None:
    """Remove the files of a failed rendition, or of one that rests: its part, and a file that it
    may have moved already."""
    resting = Rendition.objects.filter(AT_REST, pk=rendition_id).exclude(status=Status.STORED)
    rendition = resting.first()
    if rendition is None:
        return
    if rendition.storage_name:
        remove(rendition.storage_name)
        discard(subtitles_of(rendition.subtitles))
        resting.filter(status=rendition.status, storage_name=rendition.storage_name).update(
            storage_name="", size=None, sha256="", subtitles=[], note=""
        )
    _discard_unfinished(rendition, rendition.status)


def release_abandoned(rendition_id: uuid.UUID) -> None:
    """Remove the part of a rendition that nothing works on, if each of its holders has failed: a
    failed download is charged for nothing."""
    rendition = Rendition.objects.filter(pk=rendition_id).first()
    if rendition is None:
        return
    with transaction.atomic():
        lock(rendition.content_id)
        if Download.objects.filter(rendition=rendition).holding().filter(failed_at=None).exists():
            return
        if not Rendition.objects.filter(pk=rendition_id, status=Status.IDLE).update(**FORGET):
            return
    _discard_unfinished(rendition, Status.IDLE)


def _discard_unfinished(rendition: Rendition, status: str) -> bool:
    """Discard unfinished files, unless the rendition is wanted again: then it is another worker's.

    Return False if the bucket could not be asked.
    """
    discard_parts(rendition.pk, status)
    if rendition.generation == 0:
        return True  # never begun, so the bucket has nothing of it
    try:
        media_storage().discard_uploads(rendition.pk)
    except StorageUnavailable as error:
        # A cancel must not fail because the bucket is unavailable: the upkeep aborts it later.
        log.warning(
            "storage unavailable, uploads left rendition=%s detail=%r", rendition.pk, error.detail
        )
        return False
    return True


def discard_parts(rendition_id: uuid.UUID, *statuses: str) -> None:
    """Remove this host's unfinished files of a rendition that is still in one of the statuses.

    Raises StorageUnavailable.
    """
    with transaction.atomic():
        rendition = Rendition.objects.filter(pk=rendition_id).only("content_id").first()
        if rendition is None:
            return
        lock(rendition.content_id)
        same = Rendition.objects.filter(AT_REST, pk=rendition_id, status__in=statuses)
        if not same.exists():
            return
        aside = set_work_aside(rendition_id)
    if aside is not None:
        discard_work(aside)


@transaction.atomic
def _let_go(rendition_id: uuid.UUID) -> Rendition | None:
    """Return the rendition, idle now, with what is still to be removed; None if it is held."""
    named = Rendition.objects.filter(pk=rendition_id)
    for content_id in named.values_list("content_id", flat=True):
        lock(content_id)
    rendition = named.first()  # another release may have deleted it before the lock was had
    if rendition is None or Download.objects.filter(rendition=rendition).holding().exists():
        return None
    if rendition.status in (Status.STORED, Status.FAILED, Status.QUEUED):
        moved = move(rendition.pk, rendition.status, Status.IDLE, TransitionNote("released"))
        return rendition if moved else None
    return rendition if rendition.status == Status.IDLE else None


def left_behind() -> QuerySet[Rendition]:
    """Return renditions with files that a crash or an outage left, to be released."""
    used = Download.objects.filter(rendition=OuterRef("pk")).order_by()
    emptied = Q(status=Status.IDLE, storage_name="", checkpoint__isnull=True) & Exists(used)
    unheld = Rendition.objects.unheld().filter(lease_token=None).exclude(emptied)
    named = Rendition.objects.filter(AT_REST).exclude(storage_name="").exclude(status=Status.STORED)
    return unheld.order_by() | named.order_by()


def sweep_left_behind() -> int:
    """Release what ``left_behind`` returns, for a few seconds at most. Return its number.

    The next round goes on: a bucket that hangs must not delay the take-over of a dead worker's
    downloads. Raises StorageUnavailable.
    """
    found = list(left_behind().values_list("pk", flat=True)[:500])
    if found and media_storage().is_bucket:
        media_storage().check_ready()
    ends_at = time.monotonic() + SWEEP_WITHIN
    for pk in found:
        if time.monotonic() > ends_at:
            break
        try:
            if not release_unheld(pk):
                release_failed(pk)
        except StorageUnavailable as error:
            log.warning("storage unavailable, files left rendition=%s detail=%r", pk, error.detail)
    return len(found)
