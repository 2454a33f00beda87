"""The dashboard's context: one tab of a user's downloads."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from downloads.delivery import links
from downloads.engine.core.errors import IS_A_PLAYLIST
from downloads.engine.core.media import Quality
from downloads.line import in_line
from downloads.models import Content, Download, DownloadGroup
from downloads.querysets import TABS, DownloadQuerySet, newest
from downloads.queue import broker, figures
from downloads.schemas import ContentPayload, DownloadPayload
from downloads.search.matching import matching
from downloads.web.cards.content import catalogue_card, playlist_in_words
from downloads.web.cards.download import Card, card_of, kind_of
from downloads.web.cards.group import GroupCard
from downloads.web.dashboard.rows import folded, number_folded_away, rows_of

PER_PAGE: Final = 25
SEARCH_LONGEST: Final = 200  # characters
SAMPLES: Final = 3
LINK_LASTS: Final = 86_400  # seconds

BROKER_DOWN: Final = (
    "The queue is waiting for its broker. Downloads are kept and start automatically "
    "once it is back."
)
NO_WORKER: Final = (
    "No worker is running, so downloads do not start. They stay queued; "
    "an administrator can start a worker with: manage.py up"
)


@dataclass(frozen=True, slots=True)
class TabQuery:
    """The dashboard's query parameters, cleaned: each is valid or its default."""

    tab: str
    search: str
    page: str
    link: uuid.UUID | None
    open: uuid.UUID | None
    group: uuid.UUID | None

    @classmethod
    def by(cls, request: HttpRequest) -> TabQuery:
        tab = request.GET.get("tab", "")
        return cls(
            tab=tab if tab in TABS else "active",
            # PostgreSQL takes no NUL in a text
            search=request.GET.get("search", "").replace("\0", "").strip()[:SEARCH_LONGEST],
            page=request.GET.get("page", "1"),
            link=_uuid(request.GET.get("link", "")),
            open=_uuid(request.GET.get("open", "")),
            group=_uuid(request.GET.get("group", "")),
        )

    def encoded(self, *names: str) -> str:
        found = {name: getattr(self, name) for name in names}
        return urlencode({name: value for name, value in found.items() if value})


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class ShownLink:
    """A signed link in its row. Making one writes nothing, so a GET may."""

    download_id: uuid.UUID
    url: str
    expires_at: dt.datetime


def page_context(request: HttpRequest) -> dict[str, Any]:
    """Return the context of both the whole page and its live part."""
    assert isinstance(request.user, User)  # login_required
    query = TabQuery.by(request)
    counts = figures.tab_counts(request.user)
    is_grouped = Download.objects.of(request.user).filter(group__isnull=False).exists()
    tab = _tab(request.user, query)
    is_flat = bool(query.search or query.group) or not is_grouped
    whole = Download.objects.of(request.user).in_tab(query.tab)
    listed = tab if is_flat else folded(tab, whole)
    paginator = Paginator(listed, PER_PAGE)
    is_whole = not (query.search or query.group)
    if is_whole:  # known already, and found by reading the whole tab
        paginator.count = counts[query.tab]
        if not is_flat:
            paginator.count = max(paginator.count - number_folded_away(whole), 0)
    page = paginator.get_page(query.page)
    if is_whole and is_flat and page.number == 1:
        page.object_list = newest(request.user, query.tab, PER_PAGE, offers=True)
    in_line(page)
    rows: list[Card | GroupCard] = (
        [_card(one) for one in page]
        if is_flat
        else rows_of(page, tab, query.tab, query.open, _card)
    )
    cards = [card for row in rows for card in _cards_of(row)]
    dashboard = reverse("downloads:dashboard")
    return {
        "tab": query.tab,
        "search": query.search,
        "tabs": counts.items(),
        "counts": counts,
        "page": page,
        "rows": rows,
        "group": _group(request.user, query),
        "is_moving": any(row.is_moving for row in rows),
        "link": _link(request, query, cards),
        "notice": _notice(rows),
        "samples": _samples(query, rows),
        "site": request.build_absolute_uri(dashboard).rstrip("/"),
        "here": f"{dashboard}?{query.encoded('tab', 'search', 'page', 'open', 'group')}",
        "tab_url": f"{dashboard}?{query.encoded('tab')}",
    }


def preview_context(user: User, content: Content) -> dict[str, Any]:
    """Return the context of a pasted URL's preview. ``content``: ``with_title_for()``."""
    payload = ContentPayload.of(content)
    own = Download.objects.of(user).filter(content=content).with_status().live().first()
    card = None if own is None else card_of(DownloadPayload.of(own), timezone.now())
    return {
        "content": payload,
        "preview": catalogue_card(payload),
        "playlist": playlist_in_words(payload),
        "kind": kind_of(payload.source_url),
        "here": card,
        "here_tab": "completed" if card and card.download.status == "completed" else "active",
        "in_catalogue": content.in_catalogue,
    }


def _tab(user: User, query: TabQuery) -> DownloadQuerySet:
    found = Download.objects.of(user).in_tab(query.tab)
    if query.group is not None:
        found = found.filter(group=query.group)
    return matching(found, user, query.search)


def _card(download: Download) -> Card:
    content = download.content
    payload = DownloadPayload.of(download)
    is_playlist = content.kind == Content.Kind.PLAYLIST or payload.error == IS_A_PLAYLIST
    return card_of(payload, timezone.now(), _offered(content), is_playlist)


def _cards_of(row: Card | GroupCard) -> tuple[Card, ...]:
    return row.cards if isinstance(row, GroupCard) else (row,)


def _group(user: User, query: TabQuery) -> DownloadGroup | None:
    """Return the group that the list is filtered by; None without one."""
    if query.group is None:
        return None
    return DownloadGroup.objects.filter(user=user, pk=query.group).first()


def _offered(content: Content) -> list[Quality]:
    return [Quality(found["quality"]) for found in content.qualities]


def _link(request: HttpRequest, query: TabQuery, cards: list[Card]) -> ShownLink | None:
    """Return the requested link, if its download is on this page and completed."""
    for card in cards:
        download = card.download
        if download.id == query.link and download.file_url:
            name, until = download.filename or "download", download.expires_at
            signed = links.sign(download.id, LINK_LASTS, filename=name, until=until)
            url = request.build_absolute_uri(signed.path)
            return ShownLink(download.id, url, signed.expires_at)
    return None


def _notice(rows: list[Card | GroupCard]) -> str:
    """Return why nothing starts; empty if nothing is in the way."""
    if not broker.is_up():
        return BROKER_DOWN
    if any(row.waits for row in rows) and not figures.has_worker():
        return NO_WORKER
    return ""


def _samples(query: TabQuery, rows: list[Card | GroupCard]) -> list[Content]:
    """Return catalogue content to try, if the active list is empty: of Ferry's own samples the
    first, then the newest."""
    if rows or query.search or query.group or query.tab != "active":
        return []
    ready = Content.objects.filter(in_catalogue=True).exclude(title="")
    own = ready.filter(is_sample=True).order_by("created_at")[:1]
    return [*own, *ready.filter(is_sample=False).order_by("-created_at")[: SAMPLES - 1]]
