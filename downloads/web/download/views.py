"""``/downloads/<id>/``: one download with its timeline, speed, details and a link to share."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.models import User
from downloads import services
from downloads.delivery import links
from downloads.models import Download, Transition
from downloads.querysets import TABS, in_timeline_of
from downloads.queue import figures
from downloads.queue.waiting import Waiting, situation, why
from downloads.schemas import DownloadPayload, QualityPayload, TransitionPayload
from downloads.web.cards.download import card_of, host_in_words
from downloads.web.download.facts import facts_of
from downloads.web.download.speed_plot import speed_plot
from downloads.web.download.timeline import Line, line_of
from downloads.web.health.strip import room_left
from downloads.web.waiting_words import to_owner

LINES: Final = 100  # of the timeline, the newest
LASTS: Final = {3600: "1 hour", 86_400: "1 day", 604_800: "7 days"}  # seconds
USUAL: Final = 86_400


@dataclass(frozen=True, slots=True)
class SharedLink:
    """A signed link. Making one writes nothing, so a GET may."""

    url: str
    expires_at: dt.datetime


@never_cache
@login_required
@require_GET
def detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Render the page. Query: ``lasts``, seconds, adds a link that expires after them."""
    return render(request, "downloads/detail.html", _context(request, pk))


@never_cache
@login_required
@require_GET
def detail_live(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Render only the part of the page that updates live."""
    return render(request, "downloads/detail_live.html", _context(request, pk))


def own_download(request: HttpRequest, pk: uuid.UUID) -> Any:
    """Return this user's download, with its status. Raises Http404 for any other."""
    assert isinstance(request.user, User)  # login_required
    try:
        return services.own_in_line(request.user, pk)
    except Download.DoesNotExist:
        raise Http404 from None


def _context(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
    row = own_download(request, pk)
    download, waits = DownloadPayload.of(row), _waits(row)
    if waits:  # its place in the queue would suggest that it starts soon
        labels = download.labels.model_copy(update={"place": ""})
        download = download.model_copy(update={"labels": labels})
    offered = [QualityPayload.model_validate(one) for one in row.content.qualities]
    lines, left_out = _timeline(row, for_staff=request.user.is_staff)
    tab = next(tab for tab, statuses in TABS.items() if download.status in statuses)
    return {
        "card": card_of(download, timezone.now()),
        "download": download,
        "host": host_in_words(download.source_url),
        "waits": waits,
        "facts": facts_of(download, offered),
        "plot": speed_plot(row.rendition.speed_samples),
        "lines": lines,
        "lines_left_out": left_out,
        "lasts": LASTS.items(),
        "chosen": _chosen(request) or USUAL,
        "shared": _shared(request, download),
        "list_url": f"{reverse('downloads:dashboard')}?tab={tab}",
        "here": reverse("downloads:detail", args=[pk]),
    }


def _waits(row: Any) -> str:
    """Return why it does not start; empty if it is not waiting."""
    if row.status != Download.Status.QUEUED:
        return ""
    room = room_left()
    now = situation(figures.live_workers(), disk_full=room is not None and room <= 0)
    # Other users' claims count too, unnamed: one of them below their limit starts it.
    claims = Download.objects.filter(rendition=row.rendition_id).wanting().order_by()
    holders = claims.values_list("user", flat=True)
    reason = why(Waiting.of(row.rendition, holders), now)
    return to_owner(reason, row.rendition.host, row.user, now.now)


def _timeline(row: Download, *, for_staff: bool) -> tuple[list[Line], int]:
    """Return the last LINES lines, oldest first, and the number of earlier ones."""
    transitions = Transition.objects.filter(in_timeline_of(row))
    newest = transitions.order_by("-at", "-id")[:LINES]
    lines = [line_of(TransitionPayload.of(one, for_staff=for_staff)) for one in newest]
    left_out = transitions.count() - LINES if len(lines) == LINES else 0
    return lines[::-1], max(left_out, 0)


def _chosen(request: HttpRequest) -> int | None:
    lasts = request.GET.get("lasts", "")
    return next((seconds for seconds in LASTS if str(seconds) == lasts), None)


def _shared(request: HttpRequest, download: DownloadPayload) -> SharedLink | None:
    """Return the link for the chosen time; None without a choice or a file."""
    seconds = _chosen(request)
    if seconds is None or not download.file_url:
        return None
    name, until = download.filename or "download", download.expires_at
    link = links.sign(download.id, seconds, filename=name, until=until)
    return SharedLink(request.build_absolute_uri(link.path), link.expires_at)
