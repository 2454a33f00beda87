"""The entries of a playlist, kept for choosing from. Only the prober writes here.

For the prober, and for a runner whose URL turns out to be a playlist::

    start = next_start(content)
    if start is None: found = registry.look(content.source_url, client)
    else: found = registry.listing(content.source_url, client, start, conf.PLAYLIST_PAGE)
    if isinstance(found, Listing): keep_listing(content.pk, found)
"""

from __future__ import annotations

import hashlib
import logging
import uuid
from collections.abc import Iterable, Iterator
from typing import Final

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now

from downloads import conf
from downloads.engine.core.errors import BlockedAddress, UnsupportedURL
from downloads.engine.core.listing import Entry, Listing
from downloads.engine.core.redaction import redact_userinfo
from downloads.engine.resolver.urls import normalise
from downloads.events.announce import announce_content
from downloads.models import Content, Playlist, PlaylistEntry
from downloads.network import source_login

log = logging.getLogger(__name__)

_TITLE_LONGEST: Final = 500  # characters
_BATCH: Final = 100  # rows: SQLite binds a limited number of values at once


def next_start(content: Content) -> int | None:
    """Return the entry from which a probe of this content reads on, counted from 0; None: a new
    probe."""
    if content.kind != Content.Kind.PLAYLIST:
        return None
    playlist = Playlist.objects.filter(content=content).first()
    if playlist is None or playlist.wanted <= playlist.seen:
        return None
    return playlist.seen


@transaction.atomic
def keep_listing(content_id: uuid.UUID, listing: Listing) -> None:
    """Keep the entries that were read, make the content a ready playlist, and notify its
    requesters.

    ``listing`` is from ``registry.look`` or ``registry.listing``. Entries are kept once each, http
    and https alone, ``PLAYLIST_LONGEST`` at most; none of them is probed or fetched. A known one
    keeps its id. Keeping the same listing twice changes nothing.
    """
    content = Content.objects.select_for_update().get(pk=content_id)
    playlist, _ = Playlist.objects.get_or_create(content=content)
    room = max(conf.PLAYLIST_LONGEST - listing.start, 0)
    _write(content, listing.start, dict(_links(listing.entries[:room])))
    kept = PlaylistEntry.objects.filter(content=content)
    kept.filter(position__gt=conf.PLAYLIST_LONGEST).delete()  # a channel that grew for years
    playlist.count = kept.count()
    playlist.seen = max(playlist.seen, listing.start + len(listing.entries[:room]))
    playlist.wanted = playlist.seen
    playlist.total = listing.total
    playlist.has_more = listing.more and playlist.seen < conf.PLAYLIST_LONGEST
    playlist.save()
    _mark_ready(content, listing)
    announce_content(content_id, changed=content.probe_status != Content.ProbeStatus.READY)
    log.info("listing stored content=%s entries=%d", content_id, playlist.count)


def _links(entries: Iterable[Entry]) -> Iterator[tuple[str, tuple[str, Entry]]]:
    """Yield key, URL and entry of each valid link; of equal ones the last is dropped. The key is
    that of the content: the login that a link may hold is no part of it."""
    seen: set[str] = set()
    for entry in entries:
        try:
            url = normalise(entry.url)
        except (UnsupportedURL, BlockedAddress):
            continue  # an invalid or malicious link, which cannot be chosen
        key = hashlib.sha256(source_login.without_login(url).encode()).hexdigest()
        if key not in seen:
            seen.add(key)
            yield key, (url, entry)


def _write(content: Content, start: int, entries: dict[str, tuple[str, Entry]]) -> None:
    """Write the entries. Read from the start, the source's order is the new one, and entries that
    it no longer has go behind; read on, known entries keep their places."""
    ids = dict(PlaylistEntry.objects.filter(content=content).values_list("url_key", "id"))
    rows = [
        _row(content, position, key, url, entry, ids.get(key))
        for position, (key, (url, entry)) in enumerate(entries.items(), start=1)
    ]
    fresh = [row for row in rows if row.url_key not in ids]
    if start == 0:
        behind = [pk for key, pk in _in_order(content) if key not in entries]
        _renumber(behind, len(rows))
        _update([row for row in rows if row.url_key in ids])
    else:
        last = PlaylistEntry.objects.filter(content=content).aggregate(last=Max("position"))["last"]
        for position, row in enumerate(fresh, start=(last or 0) + 1):
            row.position = position
    PlaylistEntry.objects.bulk_create(fresh, batch_size=_BATCH)


def _in_order(content: Content) -> Iterable[tuple[str, uuid.UUID]]:
    return PlaylistEntry.objects.filter(content=content).values_list("url_key", "id")


def _row(
    content: Content, position: int, key: str, url: str, entry: Entry, pk: uuid.UUID | None
) -> PlaylistEntry:
    row = PlaylistEntry(
        id=pk or uuid.uuid4(),
        content=content,
        position=position,
        url=source_login.without_login(url),
        url_key=key,
        title=entry.title.replace("\0", "").strip()[:_TITLE_LONGEST],
        duration=entry.duration,
        thumbnail_url=redact_userinfo(entry.thumbnail_url.replace("\0", "")),
        identity=redact_userinfo(entry.identity.replace("\0", ""))[:512],
    )
    row.ciphertext = source_login.seal(row, url)
    return row


def _renumber(pks: list[uuid.UUID], after: int) -> None:
    rows = [
        PlaylistEntry(id=pk, position=position) for position, pk in enumerate(pks, start=after + 1)
    ]
    PlaylistEntry.objects.bulk_update(rows, ["position"], batch_size=_BATCH)


def _update(rows: list[PlaylistEntry]) -> None:
    fields = ["position", "ciphertext", "title", "duration", "thumbnail_url", "identity"]
    PlaylistEntry.objects.bulk_update(rows, fields, batch_size=_BATCH)


def _mark_ready(content: Content, listing: Listing) -> None:
    title = listing.title.replace("\0", "").strip()[:_TITLE_LONGEST]
    Content.objects.filter(pk=content.pk).update(
        kind=Content.Kind.PLAYLIST,
        identity=redact_userinfo(listing.identity)[:512],
        title=content.title if content.in_catalogue and content.title else title,
        thumbnail_url=redact_userinfo(listing.thumbnail_url) or content.thumbnail_url,
        qualities=[],
        subtitles=[],
        languages=[],
        probe_status=Content.ProbeStatus.READY,
        probe_error="",
        probe_error_code="",
        probe_lease_expires_at=None,
        probed_at=Now(),
    )
