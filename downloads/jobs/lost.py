"""Stored files that turned out to be missing or damaged: told to their holders, once."""

from __future__ import annotations

import logging
from typing import Final

from django.db import transaction
from django.db.models.functions import Now

from downloads.engine.core.errors import StorageUnavailable
from downloads.jobs.release import release_unheld
from downloads.models import Download, Rendition
from downloads.models.subtitles import StoredSubtitle, rows_of, subtitles_of
from downloads.queue.demand import lock
from downloads.queue.transitions import Status, mark
from downloads.storage.errors import FileLost
from downloads.storage.media import media_storage

log = logging.getLogger(__name__)

# A storage in which none of several files is there is not mounted, or is another one: nothing that
# would have to be fetched again.
WITNESSES: Final = 20


def expire_unless_all_lost(rendition: Rendition, lost: FileLost) -> bool:
    """Do as ``expire_lost``. Raises StorageUnavailable if the storage seems to be another one."""
    if _is_another_storage(rendition):
        raise StorageUnavailable(
            f"no stored file is there, neither {lost.detail}",
            message="The storage lacks every file. Tell an administrator: is it mounted?",
        )
    return expire_lost(rendition, lost)


def expire_lost(rendition: Rendition, lost: FileLost) -> bool:
    """Mark every download of this file expired, with the reason, so that a retry fetches it again.

    Return False if the ledger has changed meanwhile.
    """
    if not _mark_expired(rendition, lost):
        return False
    log.warning("stored file lost rendition=%s detail=%r", rendition.pk, lost.detail)
    try:
        release_unheld(rendition.pk)
    except StorageUnavailable as error:
        log.warning("storage unavailable, file left rendition=%s detail=%r", rendition.pk, error)
    return True


@transaction.atomic
def _mark_expired(rendition: Rendition, lost: FileLost) -> bool:
    lock(rendition.content_id)
    # A fetch meanwhile has raised the generation: that file is another one.
    same = Rendition.objects.filter(
        pk=rendition.pk,
        status=Status.STORED,
        storage_name=rendition.storage_name,
        generation=rendition.generation,
    )
    if not same.exists():
        return False
    for download in Download.objects.filter(rendition=rendition).holding().with_status():
        mark(
            download,
            "expired",
            reason=lost.message,
            expired_at=Now(),
            failed_at=None,
            error=lost.message,
            error_code=lost.code,
        )
    return True


def _is_another_storage(rendition: Rendition) -> bool:
    others = Rendition.objects.filter(status=Status.STORED).exclude(pk=rendition.pk)
    newest = others.order_by("-stored_at").values_list("storage_name", "size")
    witnesses = list(newest[:WITNESSES])
    if len(witnesses) < WITNESSES:
        return False  # few files may well be lost together
    return not any(_is_there(name, size or 0) for name, size in witnesses)


def _is_there(name: str, size: int) -> bool:
    try:
        media_storage().check_stored(name, size)
    except FileLost:
        return False
    return True


@transaction.atomic
def forget_lost_subtitle(rendition: Rendition, subtitle: StoredSubtitle) -> None:
    """Offer these subtitles no more, and say so in the note of the file."""
    lock(rendition.content_id)
    row = Rendition.objects.filter(pk=rendition.pk, status=Status.STORED).first()
    if row is None:
        return
    kept = [each for each in subtitles_of(row.subtitles) if each != subtitle]
    if len(kept) == len(row.subtitles):
        return
    lacks = f"The subtitles ({subtitle.language}) are missing from the storage."
    Rendition.objects.filter(pk=row.pk).update(
        subtitles=rows_of(kept), note=f"{row.note} {lacks}".strip()
    )
    log.warning("stored subtitles lost rendition=%s language=%s", row.pk, subtitle.language)
