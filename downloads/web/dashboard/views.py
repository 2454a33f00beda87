"""The dashboard's views. They read querysets and payloads; every write goes through services."""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from downloads import services
from downloads.engine.core.errors import DownloadError
from downloads.engine.core.humanize import shortened
from downloads.engine.core.media import Quality
from downloads.engine.core.redaction import redact_userinfo
from downloads.engine.resolver.urls import normalise
from downloads.models import Content, Download
from downloads.network.source_login import without_login
from downloads.querysets import TABS
from downloads.schemas import DownloadPayload
from downloads.web.dashboard.outcomes import DONE
from downloads.web.dashboard.tab import page_context, preview_context
from downloads.web.redirects import SeeOther, back_to
from downloads.web.request_form import QUALITIES, RequestForm

URL_KEPT: Final = 2000  # characters of a refused URL that go back into the text field


@never_cache
@login_required
@require_GET
def dashboard(request: HttpRequest) -> HttpResponse:
    """Render the dashboard.

    Query: ``tab``, ``search``, ``page``; ``url`` prefills the text field, ``link`` shows a signed
    link of that download.
    """
    context = page_context(request) | {
        "shows_connection": True,
        "done": json.dumps(DONE),
        "pasted": request.GET.get("url", ""),
        "quality": request.GET.get("quality", Quality.AUTO),
        "qualities": QUALITIES,
    }
    return render(request, "downloads/page.html", context)


@never_cache
@login_required
@require_GET
def live(request: HttpRequest) -> HttpResponse:
    """Render only the part of the dashboard that updates live. Leaves messages unread."""
    return render(request, "downloads/_live.html", page_context(request))


@never_cache
@login_required
@require_GET
def preview(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Render the preview of a pasted URL, below the text field."""
    assert isinstance(request.user, User)  # login_required
    try:
        content = services.content_visible_to(request.user, pk)
    except Content.DoesNotExist:
        raise Http404 from None
    context = preview_context(request.user, content)
    return render(request, "downloads/_preview.html", context)


@require_POST
def create(request: HttpRequest) -> HttpResponse:
    """Request a download of a pasted ``url``, or of the catalogue's ``content``."""
    form = RequestForm(request.POST)
    again = _with_pasted(request.POST.get("url", ""))
    if not request.user.is_authenticated:
        return redirect_to_login(again)
    if not form.is_valid():
        messages.error(request, form.first_error())
        return SeeOther(again)
    playlist = _known_playlist(request.user, form.cleaned_data)
    if playlist is not None:
        return SeeOther(reverse("downloads:playlist", args=[playlist]))
    try:
        result = _request(request.user, form.cleaned_data)
    except Content.DoesNotExist:
        raise Http404 from None
    except DownloadError as error:
        messages.error(request, error.message)
        return SeeOther(again)
    return _show(request, result)


def _with_pasted(pasted: str) -> str:
    """Return the dashboard's URL, with the refused URL kept in its text field, but for its
    login: histories and the logs of proxies keep this address."""
    dashboard = reverse("downloads:dashboard")
    url = redact_userinfo(pasted) if "//" in pasted else redact_userinfo(f"//{pasted}")[2:]
    return f"{dashboard}?{urlencode({'url': url})}" if 0 < len(url) <= URL_KEPT else dashboard


def _known_playlist(user: User, fields: dict[str, Any]) -> uuid.UUID | None:
    """Return the id of the playlist if the link is known to be one: its entries are chosen from."""
    playlists = Content.objects.visible_to(user).filter(kind=Content.Kind.PLAYLIST)
    if fields["content"] is not None:
        return playlists.filter(pk=fields["content"]).values_list("pk", flat=True).first()
    try:
        whole = normalise(fields["url"])
    except DownloadError:
        return None  # the request below raises the same, with its message
    link = without_login(whole)
    if link != whole:
        playlists = playlists.filter(credential_owner=user)
    key = hashlib.sha256(link.encode()).hexdigest()
    return playlists.filter(url_key=key).values_list("pk", flat=True).first()


def _request(user: User, fields: dict[str, Any]) -> services.RequestResult:
    quality = fields["quality"]
    if fields["content"] is None:
        return services.request(user, url=fields["url"], quality=quality)
    content = services.content_visible_to(user, fields["content"])
    return services.request(user, content=content, quality=quality)


def _show(request: HttpRequest, result: services.RequestResult) -> HttpResponse:
    """Redirect to the download, with a message that says if it is new."""
    download = DownloadPayload.of(result.download)
    event = DONE["queue" if result.created else "have"]
    messages.success(request, _about(event, download.title))
    tab = next(tab for tab, statuses in TABS.items() if download.status in statuses)
    tab_url = f"{reverse('downloads:dashboard')}?tab={tab}"
    return SeeOther(tab_url if result.created else _at(tab_url, download.id))


def _at(url: str, pk: uuid.UUID) -> str:
    """Return the page's URL at one row. ``at`` keeps the focus off the text field."""
    return f"{url}{'&' if '?' in url else '?'}at={pk}#download-{pk}"


@require_POST
def act(request: HttpRequest, pk: uuid.UUID, action: str) -> HttpResponse:
    back = back_to(request)
    if not request.user.is_authenticated:
        return redirect_to_login(back)
    try:
        download = DownloadPayload.of(Download.objects.get_own(request.user, pk))
        _do(request.user, pk, action)
    except Download.DoesNotExist:
        raise Http404 from None
    except services.InvalidState as error:
        messages.error(request, str(error))
    except DownloadError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _done_message(download, action))
    return SeeOther(back if action == "delete" else _at(back, pk))


def _do(user: User, pk: uuid.UUID, action: str) -> None:
    if action == "keep":
        services.keep_until(user, pk, None)
    else:
        services.act(user, pk, action)


def _about(event: str, title: str) -> str:
    """Return ``said: title`` as HTML; ``bdi`` isolates titles written from right to left."""
    return format_html("{}: <bdi>{}</bdi>", event, shortened(title))


def _done_message(download: DownloadPayload, action: str) -> str:
    message = _about(DONE[action], download.title)
    if action != "delete":
        return message
    again = _with_pasted(download.source_url)
    return format_html('{} <a href="{}">Undo</a>', message, again)
