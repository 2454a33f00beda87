"""Admission: room on the disk, and in each holder's quota."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from django.conf import settings
from django.db.models import Sum
from django.db.models.functions import Coalesce, Greatest, Now

from downloads.engine.core.errors import DiskFull, QuotaExceeded, Stopped, StopReason, TooLarge
from downloads.engine.transfer.config import TransferConfig
from downloads.models import Download, Rendition
from downloads.querysets import DownloadQuerySet, holders_wanting
from downloads.queue.transitions import mark
from downloads.storage.storage import free_space

CHARGE_EVERY: Final = 1.0  # seconds


def admit(rendition: Rendition, size: int | None) -> None:
    """Check the room before a byte is fetched. ``size`` in bytes; None if the source does not give
    it.

    Raises DiskFull if it would not leave MIN_FREE_SPACE. A holder whose quota it would exceed fails
    alone; Stopped if no holder is left.
    """
    done = rendition.bytes_done if rendition.checkpoint else 0
    check_disk(max((size or 0) - done, 0))
    charge(rendition, max(done, 1) if size is None else size)


class Watch:
    """A check of the holders' quotas while the bytes come: no source has to say how many they are.

    Raises Stopped as ``charge`` does, and DiskFull. ``limit``: the bytes that the roomiest holder
    has room for; None if one has no quota.
    """

    def __init__(self, rendition: Rendition, size: int | None) -> None:
        self._rendition = rendition
        self._charged = size or 0
        self._charged_at = float("-inf")
        self.limit = _room(rendition)

    def __call__(self, done: int) -> None:
        check_disk()
        now = time.monotonic()
        if done > self._charged and now - self._charged_at >= CHARGE_EVERY:
            self._charged, self._charged_at = done, now
            charge(self._rendition, done)

    def bounded(self, config: TransferConfig) -> TransferConfig:
        """Return the limits of a transfer, which ends where no holder has room for its bytes."""
        if self.limit is None:
            return config
        return replace(config, max_bytes=min(config.max_bytes, self.limit))

    @contextmanager
    def ends(self) -> Iterator[None]:
        """Turn the end at ``limit`` into what it is: charge for the byte too many."""
        try:
            yield
        except TooLarge:
            if self.limit is None or self.limit >= settings.FETCH_MAX_BYTES:
                raise
            charge(self._rendition, self.limit + 1)
            raise


def _room(rendition: Rendition) -> int | None:
    rooms = [
        None if each.user.quota is None else max(each.user.quota - _held_beside(each), 0)
        for each in holders_wanting(rendition.pk)
    ]
    return None if None in rooms or not rooms else max(filter(None, rooms), default=0)


def check_disk(needed: int = 0) -> None:
    """Raise DiskFull if ``needed`` more bytes would not leave MIN_FREE_SPACE."""
    free = free_space()
    if free is not None and free - needed < settings.MIN_FREE_SPACE:
        raise DiskFull(f"{needed} bytes needed, {free} free, {settings.MIN_FREE_SPACE} to be kept")


def charge(rendition: Rendition, size: int) -> None:
    """Charge the full size to each holder's quota; a holder without room fails. Raises Stopped if
    none is left."""
    wanting = holders_wanting(rendition.pk)
    refused = [download for download in wanting if not _fits(download, size)]
    for download in refused:
        _refuse(download)
    if refused and not holders_wanting(rendition.pk):
        raise Stopped(StopReason.UNWANTED)


def _fits(download: Download, size: int) -> bool:
    quota = download.user.quota
    if quota is None:
        return True
    return _held_beside(download) + size <= quota


def _held_beside(download: Download) -> int:
    """Return the bytes of the user's other downloads."""
    others = Download.objects.of(download.user).exclude(rendition=download.rendition_id)
    return storage_used(others)


def storage_used(downloads: DownloadQuerySet) -> int:
    """Return the bytes that these downloads hold; an unfinished one counts with its full size, or
    with what is there if that is more or all that is known."""
    held = downloads.holding().filter(failed_at=None)
    known = Coalesce("rendition__size", "rendition__bytes_total", 0)
    size = Greatest(known, "rendition__bytes_done")
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
