"""Admission: room on the disk, and in each holder's quota."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Sum
from django.db.models.functions import Coalesce, Now

from downloads.engine.core.errors import DiskFull, QuotaExceeded, Stopped, StopReason
from downloads.models import Download, Rendition
from downloads.querysets import DownloadQuerySet
from downloads.queue.transitions import mark
from downloads.storage.storage import free_space


def admit(rendition: Rendition, size: int | None) -> None:
    """Check the room before a byte is fetched. ``size`` in bytes; None if the source does not give
    it.

    Raises DiskFull if it would not leave MIN_FREE_SPACE. A holder whose quota it would exceed fails
    alone; Stopped if no holder is left.
    """
    done = rendition.bytes_done if rendition.checkpoint else 0
    check_disk(max((size or 0) - done, 0))
    if size is not None:
        charge(rendition, size)


def check_disk(needed: int = 0) -> None:
    """Raise DiskFull if ``needed`` more bytes would not leave MIN_FREE_SPACE."""
    free = free_space()
    if free is not None and free - needed < settings.MIN_FREE_SPACE:
        raise DiskFull(f"{needed} bytes needed, {free} free, {settings.MIN_FREE_SPACE} to be kept")


def charge(rendition: Rendition, size: int) -> None:
    """Charge the full size to each holder's quota; a holder without room fails. Raises Stopped if
    none is left."""
    wanting = Download.objects.filter(rendition=rendition).wanting().select_related("user")
    refused = [download for download in wanting if not _fits(download, size)]
    for download in refused:
        _refuse(download)
    if refused and not wanting.all().exists():
        raise Stopped(StopReason.UNWANTED)


def _fits(download: Download, size: int) -> bool:
    quota = download.user.quota
    if quota is None:
        return True
    others = Download.objects.of(download.user).exclude(rendition=download.rendition_id)
    return storage_used(others) + size <= quota


def storage_used(downloads: DownloadQuerySet) -> int:
    """Return the bytes that these downloads hold; an unfinished one counts with its full size."""
    held = downloads.holding().filter(failed_at=None)
    size = Coalesce("rendition__size", "rendition__bytes_total", 0)
    return held.aggregate(used=Sum(size))["used"] or 0


def _refuse(download: Download) -> None:
    message = QuotaExceeded.default_message
    mark(
        Download.objects.with_status().get(pk=download.pk),
        "failed",
        reason=message,
        failed_at=Now(),
        error_code=QuotaExceeded.code,
        error=message,
    )
