"""Requests for downloads: one fetch for many, one download for one."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import BigIntegerField, Q, UUIDField
from django.db.models.functions import Now
from django.utils import timezone

from config.prepared import PreparedValues
from downloads.engine.core.errors import IS_A_PLAYLIST, QuotaExceeded, UnsupportedURL
from downloads.engine.core.media import Quality
from downloads.engine.core.options import Options
from downloads.events.announce import announce_requested
from downloads.jobs.admission import storage_used
from downloads.line import in_line
from downloads.models import Content, ContentRequest, Download, DownloadGroup
from downloads.querysets import BEGINS_AS, LIVE, held_already
from downloads.queue import entries, wake
from downloads.queue.demand import lock, renditions_for
from downloads.queue.timeline import note_all
from downloads.queue.transitions import mark
from downloads.services.content import add_content, owner_of_fetch

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, slots=True)
class DownloadRequest:
    """A user's request for a content. ``options``: the key of an Options. ``group``: the parent
    that the download gets."""

    quality: Quality = Quality.AUTO
    options: str = ""
    expires_in_days: int | None = None
    group: DownloadGroup | None = None


@dataclass(frozen=True, slots=True)
class RequestResult:
    """The outcome of a request. ``created`` is False if the user already had a live download of the
    same."""

    download: Download
    created: bool


def request(
    user: User,
    *,
    content: Content | None = None,
    url: str = "",
    title: str = "",
    quality: Quality = Quality.AUTO,
    expires_in_days: int | None = None,
    options: Options | None = None,
) -> RequestResult:
    """Return a download of this content (or of what is at ``url``) for this user: the standing one
    if they already have a live download of the same content, quality and options. ``title``: their
    title for the content at ``url``.

    Raises UnsupportedURL, also for a known playlist, and QuotaExceeded.
    """
    own_request = DownloadRequest(quality, options.key if options else "", expires_in_days)
    with transaction.atomic():
        if content is None:
            # What is queued here is looked at soon; if not, maintenance has it probed.
            content, _ = add_content(user, url, title=title, probes=False)
            owners = {content: content.credential_owner_id}
        else:
            lock(content.pk)
            owners = {content: owner_of_fetch(user, content)}
        is_playlist = content.kind == Content.Kind.PLAYLIST
        result = None if is_playlist else request_all(user, owners, own_request).get(content)
    # the pasted content stays known
    if is_playlist:
        raise UnsupportedURL("a playlist", message=IS_A_PLAYLIST)
    if result is None:
        raise QuotaExceeded
    if not hasattr(result.download, "queue_position"):  # the announcement may have asked for it
        in_line([result.download])  # after the commit: it reads much, and locks nothing
    return result


def request_all(
    user: User, owners: Mapping[Content, int | None], request: DownloadRequest
) -> dict[Content, RequestResult]:
    """Return the same for several, in their order, with a number of queries that does not grow.
    Contents beyond the user's quota are left out.

    ``owners``: as ``owners_of_fetch`` finds them. The caller's transaction has locked the contents:
    two requests of one user for the same thing come one after the other.
    """
    results = {}
    for download in held_already(user, owners, request.quality, request.options):
        if download.status in LIVE:
            results[download.content] = RequestResult(download, created=False)
        elif download.status == "expired":  # just now: it must not block the new one
            mark(download, "expired", expired_at=Now())
    fresh = {each: owner for each, owner in owners.items() if each not in results}
    if not fresh:
        return results
    room = None
    if (quota := user.quota) is not None:
        room = quota - storage_used(Download.objects.of(user).holding())
    renditions = renditions_for(fresh, request.quality, request.options, room)
    # Mostly of one.
    titles = _title_of(user.pk, *renditions) if len(renditions) == 1 else _titles(user, renditions)
    title_of = dict(titles)
    days = request.expires_in_days or settings.DEFAULT_EXPIRES_IN_DAYS
    rows = [
        Download(
            user=user,
            content_id=content_id,
            quality=request.quality,
            options=request.options,
            group=request.group,
            rendition=rendition,
            **BEGINS_AS[rendition.status],
            title=title_of.get(content_id, ""),
            expires_at=None if days is None else timezone.now() + timedelta(days=days),
            created_at=Now() + timedelta(microseconds=place),
        )
        for place, (content_id, rendition) in enumerate(renditions.items())
    ]
    Download.objects.bulk_create(rows, batch_size=100)
    made = {row.pk for row in rows}
    entries.join(Q(pk__in=made))
    held = held_already(user, fresh, request.quality, request.options)
    downloads = [each for each in held if each.pk in made]  # the others have failed
    note_all(downloads, "requested")
    announce_requested(user.pk, downloads)
    transaction.on_commit(wake.send)
    results |= {each.content: RequestResult(each, created=True) for each in downloads}
    return {content: results[content] for content in owners if content in results}


def _titles(user: User, contents: Iterable[uuid.UUID]) -> Iterable[Any]:
    """Return the user's own titles, each behind its content's id."""
    requests = ContentRequest.objects.filter(content__in=list(contents), user=user)
    return requests.values_list("content_id", "title")


_title_of: Final = PreparedValues(
    lambda user, content: ContentRequest.objects.filter(user=user, content=content).values_list(
        "content_id", "title"
    ),
    BigIntegerField(),
    UUIDField(),
)


def check_quota(user: User) -> None:
    """Raise QuotaExceeded if nothing more fits. A fetch is checked again once its size is known."""
    if user.quota is not None and storage_used(Download.objects.of(user)) >= user.quota:
        raise QuotaExceeded
