"""``/playlists/<content id>/``: list a playlist's entries, load more, queue a selection."""

from __future__ import annotations

import uuid
from typing import Final
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from downloads import conf, services
from downloads.models import Content
from downloads.web.playlist.entries import playlist_context
from downloads.web.redirects import SeeOther
from downloads.web.request_form import RequestForm

NOTHING: Final = "Select at least one entry of the list, then press Download."
TOO_MANY: Final = f"Select at most {conf.MAX_ACTIONS} entries at once."


@never_cache
@login_required
@require_GET
def playlist(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Render the page. Query: ``page``, ``quality``; ``select=all`` or ``first=20`` selects."""
    content = _visible(request, pk)
    if content.kind == Content.Kind.PLAYLIST:
        return render(request, "playlists/page.html", playlist_context(request, content))
    query = urlencode({"url": content.source_url})
    return SeeOther(f"{reverse('downloads:dashboard')}?{query}")


@login_required
@require_POST
def choose(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Request the checked ``entries`` in one ``quality``."""
    content = _visible(request, pk)
    chosen = _uuids(request.POST.getlist("entries"))
    form = RequestForm({"quality": request.POST.get("quality", "")})
    refusal = _refusal(chosen, form)
    if refusal:
        messages.error(request, refusal)
        return SeeOther(reverse("downloads:playlist", args=[pk]))
    assert isinstance(request.user, User)  # login_required
    try:
        done = services.request_entries(
            request.user, content, chosen, quality=form.cleaned_data["quality"]
        )
    except services.InvalidState as error:
        messages.error(request, str(error))
        return SeeOther(reverse("downloads:dashboard"))
    _say(request, done)
    return SeeOther(_place_of(done, pk))


def _refusal(chosen: list[uuid.UUID], form: RequestForm) -> str:
    if not chosen:
        return NOTHING
    if len(chosen) > conf.MAX_ACTIONS:
        return TOO_MANY
    return "" if form.is_valid() else form.first_error()


@login_required
@require_POST
def more(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Have a worker load more entries, and redirect to the page that will show them."""
    content = _visible(request, pk)
    try:
        services.read_on(content)
    except services.InvalidState as error:
        messages.error(request, str(error))
    page = request.POST.get("page", "")
    query = f"?page={int(page)}" if page.isdecimal() and len(page) < 6 else ""
    return SeeOther(f"{reverse('downloads:playlist', args=[pk])}{query}#more")


def _visible(request: HttpRequest, pk: uuid.UUID) -> Content:
    assert isinstance(request.user, User)  # login_required
    try:
        return services.content_visible_to(request.user, pk)
    except Content.DoesNotExist:
        raise Http404 from None


def _uuids(texts: list[str]) -> list[uuid.UUID]:
    """Return the valid UUIDs; the page sends no others."""
    found = []
    for text in texts:
        try:
            found.append(uuid.UUID(text))
        except ValueError:
            continue
    return found


def _say(request: HttpRequest, done: services.GroupResult) -> None:
    had = sum(result.download is not None and not result.created for result in done.results)
    refused = [result.error for result in done.results if result.error is not None]
    if done.created:
        messages.success(request, f"Queued {_downloads(done.created)}")
    if had:
        messages.success(request, f"You already have {_downloads(had)} of these")
    if refused:
        message = f"{_downloads(len(refused))} could not be queued: {refused[0].message}"
        messages.error(request, message)


def _downloads(count: int) -> str:
    return f"{count} download{'' if count == 1 else 's'}"


def _place_of(done: services.GroupResult, pk: uuid.UUID) -> str:
    """Return the URL of the group in the list; without a group, the playlist's."""
    if done.group is None:
        return reverse("downloads:playlist", args=[pk])
    tab = "active" if done.created else _tab_of(done)
    return f"{reverse('downloads:dashboard')}?tab={tab}&at={done.group.pk}#group-{done.group.pk}"


def _tab_of(done: services.GroupResult) -> str:
    statuses = {getattr(one.download, "status", "") for one in done.results if one.download}
    return "completed" if statuses <= {"completed"} else "active"
