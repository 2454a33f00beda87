"""Choosing from a playlist: read on in it, and ask for what was chosen, under one parent."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.db.models.functions import Now

from downloads import conf
from downloads.exceptions import DownloadError
from downloads.models import (
    Content,
    ContentRequest,
    Download,
    DownloadGroup,
    Playlist,
    PlaylistEntry,
)
from downloads.options import Options
from downloads.queue import wake
from downloads.services.actions import InvalidState
from downloads.services.requests import NO_WISH, request
from downloads.streams import Quality

if TYPE_CHECKING:
    from accounts.models import User

NO_PLAYLIST: Final = "This is a single item, not a playlist. Ask for a download of it instead."
# Two hundred chosen entries are not two hundred probes: the download itself resolves each.
PROBE_DEFERRED: Final = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What came of one entry: a download, or why there is none (None, None: no such entry)."""

    entry_id: uuid.UUID
    download: Download | None = None
    created: bool = False
    error: DownloadError | None = None


@dataclass(frozen=True, slots=True)
class ChosenGroup:
    """``group`` is None where nothing came of any entry, or all of it is in another group."""

    group: DownloadGroup | None
    results: tuple[Chosen, ...]

    @property
    def created(self) -> int:
        return sum(result.created for result in self.results)


def read_on(content: Content) -> None:
    """Have the worker read the next page of the listing. Asked twice it is read once; where there
    is nothing more, nothing happens. Raises InvalidState for what is no playlist."""
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
        Content.objects.filter(pk=content.pk).update(
            probe_status=Content.ProbeStatus.PENDING,
            probe_error="",
            probe_error_code="",
            probe_attempts=0,
            probe_lease_expires_at=None,
        )
        transaction.on_commit(wake.send_probe)


def request_entries(
    user: User,
    content: Content,
    entries: Sequence[uuid.UUID],
    *,
    quality: Quality = Quality.AUTO,
    expires_in_days: int | None = None,
    options: Options = NO_WISH,
) -> ChosenGroup:
    """A download of each of these entries of a playlist that the user may see, in their order.

    They get one parent, the same each time that this user chooses from this playlist. What he has
    already joins it. Each entry goes by itself: one that is refused keeps no other back.
    Raises InvalidState for what is no playlist.
    """
    if content.kind != Content.Kind.PLAYLIST:
        raise InvalidState(NO_PLAYLIST)
    known = PlaylistEntry.objects.filter(content=content).in_bulk(list(entries))
    group = _group(user, content)
    wish = {"quality": quality, "expires_in_days": expires_in_days, "options": options}
    results = [
        _choose(user, group, known[pk], wish) if pk in known else Chosen(pk)
        for pk in dict.fromkeys(entries)
    ]
    if not Download.objects.filter(group=group).exists():
        group.delete()
        return ChosenGroup(None, tuple(results))
    return ChosenGroup(group, tuple(results))


def _group(user: User, content: Content) -> DownloadGroup:
    title = getattr(content, "shown_title", content.title)
    group, created = DownloadGroup.objects.get_or_create(
        user=user, source=content, defaults={"title": title}
    )
    if not created and title and group.title != title:
        DownloadGroup.objects.filter(pk=group.pk).update(title=title)
        group.title = title
    return group


def _choose(user: User, group: DownloadGroup, entry: PlaylistEntry, wish: dict[str, Any]) -> Chosen:
    try:
        # one transaction: the news of the download goes out with its group
        with transaction.atomic():
            requested = request(user, url=entry.url, title=entry.title, group=group, **wish)
            download = requested.download
            if download.group_id is None:  # what he had already
                Download.objects.filter(pk=download.pk, group=None).update(group=group)
            _defer_probe(user, download)
    except DownloadError as error:
        return Chosen(entry.pk, error=error)
    return Chosen(entry.pk, Download.objects.get_own(user, download.pk), requested.created)


def _defer_probe(user: User, download: Download) -> None:
    """Unless somebody looks at it: whoever pastes it has it probed at once (``add_content``)."""
    others = ContentRequest.objects.filter(content=download.content_id).exclude(user=user)
    if not others.exists():
        Content.objects.filter(
            pk=download.content_id,
            probe_status=Content.ProbeStatus.PENDING,
            probe_attempts=0,
            probe_lease_expires_at=None,
        ).update(probe_lease_expires_at=Now() + PROBE_DEFERRED)
