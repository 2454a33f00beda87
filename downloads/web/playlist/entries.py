"""The context of a playlist's page: its entries, with the user's downloads of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.core.paginator import Page, Paginator
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from downloads import conf
from downloads.engine.core import humanize
from downloads.engine.core.media import Quality
from downloads.models import Content, DownloadGroup, PlaylistEntry
from downloads.schemas import ContentPayload, DownloadPayload
from downloads.schemas.groups import EntryPayload
from downloads.services.playlist_entries import live_downloads
from downloads.web.cards.content import playlist_in_words
from downloads.web.cards.download import Card, card_of, is_shown
from downloads.web.request_form import QUALITIES

QUALITY_VALUES: Final = frozenset(quality.value for quality in Quality)
FIRST: Final = 20  # default of "the first ..."


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry. ``here``: the user's live download of it."""

    entry: EntryPayload
    picture: str
    clock: str
    here: Card | None
    is_selected: bool


def playlist_context(request: HttpRequest, content: Content) -> dict[str, Any]:
    """Return the page's context. ``content``: a playlist, ``with_title_for()`` this user."""
    assert isinstance(request.user, User)  # login_required
    page = _page(request, content)
    selected = selected_positions(request.GET.get("select", ""), request.GET.get("first", ""))
    rows = _rows(request.user, page, selected)
    payload = ContentPayload.of(content)
    quality = request.GET.get("quality", "")
    return {
        "content": payload,
        "picture": payload.thumbnail_url if is_shown(payload.thumbnail_url) else "",
        "count": playlist_in_words(payload),
        "page": page,
        "rows": rows,
        "selected": sum(row.is_selected for row in rows),
        "first": max(len(selected), 1) if request.GET.get("first") else FIRST,
        "is_last": not page.has_next(),
        "most": conf.MAX_ACTIONS,
        "longest": conf.PLAYLIST_LONGEST,
        "group": DownloadGroup.objects.filter(user=request.user, source=content).first(),
        "qualities": QUALITIES,
        "quality": quality if quality in QUALITY_VALUES else Quality.AUTO,
        "here": request.get_full_path(),
    }


def _page(request: HttpRequest, content: Content) -> Page[Any]:
    entries = PlaylistEntry.objects.filter(content=content)
    return Paginator(entries, conf.PLAYLIST_PAGE).get_page(request.GET.get("page", "1"))


def selected_positions(select: str, first: str) -> range:
    """Return the positions selected on the page, from 0: ``all``, the ``first`` n, or none."""
    if select == "all":
        return range(conf.PLAYLIST_PAGE)
    wanted = int(first) if first.isdecimal() and len(first) < 6 else 0
    return range(min(wanted, conf.PLAYLIST_PAGE))


def _rows(user: User, page: Page[Any], selected: range) -> list[EntryRow]:
    entries = list(page)
    here = live_downloads(user, entries)
    now = timezone.now()
    rows = []
    for place, entry in enumerate(entries):
        own = here.get(entry.id)
        payload = EntryPayload.of(entry, None if own is None else own.pk)
        rows.append(
            EntryRow(
                entry=payload,
                picture=payload.thumbnail_url if is_shown(payload.thumbnail_url) else "",
                clock=humanize.clock(payload.duration) if payload.duration else "",
                here=None if own is None else card_of(DownloadPayload.of(own), now),
                is_selected=own is None and place in selected,
            )
        )
    return rows
