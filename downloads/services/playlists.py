"""Playlists: reading on in one, and downloads of chosen entries, under one parent."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from downloads import conf
from downloads.engine.core.errors import DownloadError, QuotaExceeded
from downloads.engine.core.media import Quality
from downloads.engine.core.options import Options
from downloads.engine.resolver.urls import normalise
from downloads.line import in_line
from downloads.models import (
    Content,
    ContentRequest,
    Download,
    DownloadGroup,
    Playlist,
    PlaylistEntry,
)
from downloads.network import source_login
from downloads.queue.demand import lock
from downloads.services.actions import InvalidState
from downloads.services.catalogue import probe_again
from downloads.services.content import add_contents, owners_of_fetch
from downloads.services.requests import DownloadRequest, request_all

if TYPE_CHECKING:
    from accounts.models import User

NO_PLAYLIST: Final = "This is a single item, not a playlist. Download it instead."
# Two hundred chosen entries must not be two hundred probes: each download resolves its own.
PROBE_DEFERRED: Final = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class EntryResult:
    """The outcome for one entry: a download, or an error (None, None: no such entry)."""

    entry_id: uuid.UUID
    download: Download | None = None
    created: bool = False
    error: DownloadError | None = None


@dataclass(frozen=True, slots=True)
class GroupResult:
    """The outcome for all entries. ``group`` is None if no entry has a download, or all are in
    another group."""

    group: DownloadGroup | None
    results: tuple[EntryResult, ...]

    @property
    def created(self) -> int:
        return sum(result.created for result in self.results)


def read_on(content: Content) -> None:
    """Have the worker read the next page of the listing. Repeated calls read it once; without a
    next page nothing happens. Raises InvalidState if it is no playlist."""
    with transaction.atomic():
        locked = Content.objects.select_for_update().only("kind", "probe_status").get(pk=content.pk)
        playlist = Playlist.objects.filter(content=locked).first()
        if locked.kind != Content.Kind.PLAYLIST or playlist is None:
            raise InvalidState(NO_PLAYLIST)
        under_way = locked.probe_status == Content.ProbeStatus.PENDING
        if under_way or not playlist.has_more:
            return
        playlist.wanted = min(playlist.seen + conf.PLAYLIST_PAGE, conf.PLAYLIST_LONGEST)
        playlist.save(update_fields=["wanted"])
        probe_again(content)


def request_entries(
    user: User,
    content: Content,
    entries: Sequence[uuid.UUID],
    *,
    quality: Quality = Quality.AUTO,
    expires_in_days: int | None = None,
    options: Options | None = None,
) -> GroupResult:
    """Return a download of each of these entries of a playlist that the user may see, in their
    order.

    They get one parent, the same each time that this user chooses from this playlist; downloads
    that they have already join it. Each entry stands alone: a failed one does not stop the others.
    Raises InvalidState if it is no playlist.
    """
    if content.kind != Content.Kind.PLAYLIST:
        raise InvalidState(NO_PLAYLIST)
    rows = PlaylistEntry.objects.filter(content=content).in_bulk(list(entries))
    chosen = [rows[pk] for pk in dict.fromkeys(entries) if pk in rows]
    with transaction.atomic():  # the downloads are announced with their group
        group = _group(user, content)
        request_ = DownloadRequest(quality, options.key if options else "", expires_in_days, group)
        found = {each.entry_id: each for each in _request(user, group, chosen, request_)}
        results = tuple(found.get(pk, EntryResult(pk)) for pk in dict.fromkeys(entries))
        if not Download.objects.filter(group=group).exists():
            group.delete()
            return GroupResult(None, results)
    return GroupResult(group, results)


def _group(user: User, content: Content) -> DownloadGroup:
    title = getattr(content, "shown_title", content.title)
    group, created = DownloadGroup.objects.get_or_create(
        user=user, source=content, defaults={"title": title}
    )
    if not created and title and group.title != title:
        DownloadGroup.objects.filter(pk=group.pk).update(title=title)
        group.title = title
    return group


def _request(
    user: User, group: DownloadGroup, entries: Sequence[PlaylistEntry], request_: DownloadRequest
) -> list[EntryResult]:
    urls: dict[uuid.UUID, str] = {}
    results = []
    for entry in entries:
        try:
            urls[entry.pk] = normalise(source_login.link_of(entry))
        except DownloadError as error:
            results.append(EntryResult(entry.pk, error=error))
    titles = {urls[each.pk]: each.title for each in entries if each.pk in urls}
    contents = add_contents(user, titles)
    _defer_probes(user, contents.values())
    lock(*(content.pk for content in contents.values()))
    requested = request_all(user, owners_of_fetch(user, contents.values()), request_)
    ids = [each.download.pk for each in requested.values()]
    Download.objects.filter(pk__in=ids, group=None).update(group=group)  # earlier ones
    now = Download.objects.filter(pk__in=ids).with_status()
    downloads = {download.pk: download for download in in_line(now)}
    for pk, url in urls.items():
        come = requested.get(contents[url])
        if come is None:
            results.append(EntryResult(pk, error=QuotaExceeded()))
        else:
            results.append(EntryResult(pk, downloads[come.download.pk], come.created))
    return results


def _defer_probes(user: User, contents: Iterable[Content]) -> None:
    """Defer the probes, unless another user requested the content: pasting it has it probed at once
    (``add_content``)."""
    others = ContentRequest.objects.filter(content=OuterRef("pk")).exclude(user=user)
    Content.objects.filter(
        ~Exists(others),
        pk__in=[content.pk for content in contents],
        probe_status=Content.ProbeStatus.PENDING,
        probe_attempts=0,
        probe_lease_expires_at=None,
    ).update(probe_lease_expires_at=Now() + PROBE_DEFERRED)
