"""Asking for a download: one fetch for many, one download for one."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from downloads.engine.core.errors import QuotaExceeded
from downloads.engine.core.media import Quality
from downloads.engine.core.options import Options
from downloads.events.announce import announce_downloads
from downloads.jobs.admission import storage_used
from downloads.models import Content, ContentRequest, Download, DownloadGroup, Rendition
from downloads.querysets import DownloadQuerySet
from downloads.queue import wake
from downloads.queue.demand import RenditionKey, lock, renditions_for, usable_renditions
from downloads.queue.transitions import mark, note_all
from downloads.services.content import add_content, owners_of_fetch

if TYPE_CHECKING:
    from accounts.models import User

DEFAULT_OPTIONS: Final = Options()


@dataclass(frozen=True, slots=True)
class DownloadRequest:
    """What a user asks of a content. ``group``: the parent that the download gets."""

    quality: Quality = Quality.AUTO
    options: Options = DEFAULT_OPTIONS
    expires_in_days: int | None = None
    group: DownloadGroup | None = None


@dataclass(frozen=True, slots=True)
class RequestResult:
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
    options: Options = DEFAULT_OPTIONS,
) -> RequestResult:
    """A download of this content (or of what is at ``url``) for this user.

    Answers with the standing one where he already has a live download of the same content,
    quality and options. Raises UnsupportedURL and QuotaExceeded.
    """
    if content is None:
        content, _ = add_content(user, url)
    wanted = DownloadRequest(quality, options, expires_in_days)
    requested = request_all(user, {content: title}, wanted).get(content)
    if requested is None:
        raise QuotaExceeded
    return requested


def request_all(
    user: User, titles: Mapping[Content, str], wanted: DownloadRequest
) -> dict[Content, RequestResult]:
    """The same of several, in their order, each with its title or none; with one lock, and a
    number of queries that does not grow. What his quota has no room for is left out."""
    try:
        with transaction.atomic():
            return _request_all(user, titles, wanted)
    except IntegrityError:
        # another request of this user for the same committed first: join it
        with transaction.atomic():
            return _request_all(user, titles, wanted)


def _request_all(
    user: User, titles: Mapping[Content, str], wanted: DownloadRequest
) -> dict[Content, RequestResult]:
    lock(*(content.pk for content in titles))
    _expire_due(user, titles)
    own = Download.objects.of(user).filter(
        content__in=titles, quality=wanted.quality, options=wanted.options.key
    )
    standing = {each.content_id: each for each in _as_they_are(own).live()}
    fresh = {each: title for each, title in titles.items() if each.pk not in standing}
    made = {each.content_id: each for each in _create(user, fresh, wanted)}
    found = {}
    for content in titles:
        if content.pk in standing:
            found[content] = RequestResult(standing[content.pk], created=False)
        elif content.pk in made:
            found[content] = RequestResult(made[content.pk], created=True)
    return found


def _create(user: User, titles: Mapping[Content, str], wanted: DownloadRequest) -> list[Download]:
    if not titles:
        return []
    renditions = _renditions(user, list(titles), wanted)
    fitting = [content for content in titles if content.pk in renditions]
    own_titles = dict(
        ContentRequest.objects.filter(content__in=fitting, user=user).values_list(
            "content_id", "title"
        )
    )
    rows = [
        Download(
            user=user,
            content=content,
            quality=wanted.quality,
            options=wanted.options.key,
            group=wanted.group,
            rendition=renditions[content.pk],
            title=titles[content] or own_titles.get(content.pk, ""),
            expires_at=default_expiry(wanted.expires_in_days),
            created_at=Now() + timedelta(microseconds=place),
        )
        for place, content in enumerate(fitting)
    ]
    Download.objects.bulk_create(rows, batch_size=100)
    ids = [row.pk for row in rows]
    made = list(_as_they_are(Download.objects.filter(pk__in=ids)))
    note_all(made, "requested")
    announce_downloads(ids, "requested")
    if made:
        transaction.on_commit(wake.send)
    return made


def _as_they_are(downloads: DownloadQuerySet) -> DownloadQuerySet:
    return downloads.with_status().with_queue_position()


def _renditions(
    user: User, contents: Sequence[Content], wanted: DownloadRequest
) -> dict[uuid.UUID, Rendition]:
    """By content; without those that his quota has no room for."""
    owners = owners_of_fetch(user, contents)
    found: dict[uuid.UUID, Rendition] = {}
    room = None if user.quota is None else user.quota - storage_used(Download.objects.of(user))
    for owner in set(owners.values()):
        claim = RenditionKey(wanted.quality, wanted.options.key, owner)
        claimed = [content for content in contents if owners[content.pk] == owner]
        if room is not None:
            claimed, room = _fitting(claimed, claim, room)
        found |= renditions_for(claimed, claim)
    return found


def _fitting(
    contents: Sequence[Content], claim: RenditionKey, room: int
) -> tuple[list[Content], int]:
    """As many as there is room for, in bytes, and the room then. What is still to be fetched is
    charged once its size is known."""
    there, fitting = usable_renditions(contents, claim), []
    for content in contents:
        if room <= 0:
            break
        fitting.append(content)
        rendition = there.get(content.pk)
        room -= (rendition.size or rendition.bytes_total or 0) if rendition else 0
    return fitting, room


def default_expiry(days: int | None) -> datetime | None:
    if days is None:
        days = settings.DEFAULT_EXPIRES_IN_DAYS
    return None if days is None else timezone.now() + timedelta(days=days)


def _expire_due(user: User, contents: Iterable[Content]) -> None:
    """What has just expired must not stand in the way of asking again."""
    due = Download.objects.of(user).filter(
        content__in=contents, expired_at=None, expires_at__lte=Now()
    )
    if not due.exists():  # as nearly always, and the status is a large expression
        return
    for download in due.with_status():
        mark(download, "expired", expired_at=Now())


def check_quota(user: User) -> None:
    """Raises QuotaExceeded where nothing more fits. What is fetched is checked again by size."""
    if user.quota is not None and storage_used(Download.objects.of(user)) >= user.quota:
        raise QuotaExceeded
