"""Asking for a download: one fetch for many, one download for one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from downloads.admission import storage_used
from downloads.events.announce import announce_download
from downloads.exceptions import QuotaExceeded
from downloads.models import Content, ContentRequest, Download, DownloadGroup
from downloads.options import Options
from downloads.queue import wake
from downloads.queue.transitions import mark, note
from downloads.queue.wanting import lock, rendition_for
from downloads.services.content import add_content, owner_of_fetch
from downloads.streams import Quality

if TYPE_CHECKING:
    from accounts.models import User

NO_WISH: Final = Options()


@dataclass(frozen=True, slots=True)
class Wish:
    """What a user asks of a content. ``group``: the parent that the download gets."""

    quality: Quality
    options: Options
    expires_in_days: int | None
    title: str
    group: DownloadGroup | None


@dataclass(frozen=True, slots=True)
class Requested:
    """``created`` is False where the user already had a live download of the same."""

    download: Download
    created: bool


def request(
    user: User,
    *,
    content: Content | None = None,
    url: str = "",
    quality: Quality = Quality.AUTO,
    expires_in_days: int | None = None,
    title: str = "",
    options: Options = NO_WISH,
    group: DownloadGroup | None = None,
) -> Requested:
    """A download of this content (or of what is at ``url``) for this user.

    Answers with the standing one where he already has a live download of the same content,
    quality and options. Raises UnsupportedURL and QuotaExceeded.
    """
    wish = Wish(quality, options, expires_in_days, title, group)
    if content is None:
        content, _ = add_content(user, url)
    try:
        with transaction.atomic():
            return _request(user, content, wish)
    except IntegrityError:
        # another request of this user for the same committed first: join it
        with transaction.atomic():
            return _request(user, content, wish)


def _request(user: User, content: Content, wish: Wish) -> Requested:
    lock(content.pk)
    _expire_due(user, content)
    own = Download.objects.of(user).filter(
        content=content, quality=wish.quality, options=wish.options.key
    )
    standing = own.with_status().with_queue_position().live().first()
    if standing is not None:
        return Requested(standing, created=False)
    check_quota(user)
    made = Download.objects.get_own(user, _create(user, content, wish).pk)
    note(made, "requested")
    announce_download(made.pk, "requested")
    transaction.on_commit(wake.send)
    return Requested(made, created=True)


def _create(user: User, content: Content, wish: Wish) -> Download:
    options, owner_id = wish.options.key, owner_of_fetch(user, content)
    own_title = ContentRequest.objects.filter(content=content, user=user).values_list("title")
    return Download.objects.create(
        user=user,
        content=content,
        quality=wish.quality,
        options=options,
        group=wish.group,
        rendition=rendition_for(content, wish.quality, options, owner_id),
        title=wish.title or next(iter(own_title), ("",))[0],
        expires_at=default_expiry(wish.expires_in_days),
    )


def default_expiry(days: int | None) -> datetime | None:
    if days is None:
        days = settings.DEFAULT_EXPIRES_IN_DAYS
    return None if days is None else timezone.now() + timedelta(days=days)


def _expire_due(user: User, content: Content) -> None:
    """What has just expired must not stand in the way of asking again."""
    due = Download.objects.of(user).filter(content=content, expired_at=None, expires_at__lte=Now())
    if not due.exists():  # as nearly always, and the status is a large expression
        return
    for download in due.with_status():
        mark(download, "expired", expired_at=Now())


def check_quota(user: User) -> None:
    """Raises QuotaExceeded where nothing more fits. What is fetched is checked again by size."""
    if user.quota is not None and storage_used(Download.objects.of(user)) >= user.quota:
        raise QuotaExceeded
