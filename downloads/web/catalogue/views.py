"""The catalogue: content for everyone, kept by staff."""

from __future__ import annotations

import uuid
from typing import Final
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from downloads import services
from downloads.engine.core.humanize import shortened
from downloads.models import Content
from downloads.querysets import ContentQuerySet
from downloads.schemas import ContentPayload
from downloads.web.cards.content import catalogue_card
from downloads.web.catalogue.forms import ContentForm, NewContentForm
from downloads.web.redirects import SeeOther

PER_PAGE: Final = 24  # whole rows of two, three and four
SEARCH_LONGEST: Final = 200  # characters
STAFF_ONLY: Final = "Only staff can change the catalogue. Ask an administrator."


@never_cache
@login_required
@require_GET
def catalogue(request: HttpRequest) -> HttpResponse:
    """Render the catalogue. Query: ``search``, ``page``."""
    assert isinstance(request.user, User)  # login_required
    # PostgreSQL takes no NUL in a text
    search = request.GET.get("search", "").replace("\0", "").strip()[:SEARCH_LONGEST]
    shown = Content.objects.filter(in_catalogue=True).with_title_for(request.user)
    found = _matching(shown, search).order_by("-created_at", "-id")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page", "1"))
    cards = [catalogue_card(ContentPayload.of(content)) for content in page]
    return render(
        request,
        "catalogue/page.html",
        {"search": search, "page": page, "cards": cards, "here": request.get_full_path()},
    )


def _matching(shown: ContentQuerySet, search: str) -> ContentQuerySet:
    for word in search.split():
        shown = shown.filter(Q(shown_title__icontains=word) | Q(source_url__icontains=word))
    return shown


def _staff(request: HttpRequest) -> User:
    """Return the user. Raises PermissionDenied if they are not staff."""
    assert isinstance(request.user, User)  # login_required
    if not request.user.is_staff:
        raise PermissionDenied(STAFF_ONLY)
    return request.user


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Render the form, or add the content. Query: ``url`` prefills the address."""
    user = _staff(request)
    form = NewContentForm(request.POST or None, initial={"url": request.GET.get("url", "")})
    if request.method == "POST" and form.is_valid():
        typed = {name: text for name, text in form.cleaned_data.items() if text}
        content = services.add_to_catalogue(user, typed.pop("url"), **typed)
        messages.success(request, _about("Added to the catalogue", typed.get("title") or content))
        return SeeOther(reverse("downloads:catalogue"))
    return render(request, "catalogue/add.html", {"form": form})


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    _staff(request)
    content = get_object_or_404(Content, pk=pk, in_catalogue=True)
    now = {"title": content.title, "thumbnail_url": content.thumbnail_url}
    form = ContentForm(request.POST or None, initial=now)
    if request.method == "POST" and form.is_valid():
        services.edit_content(content, **form.cleaned_data)
        messages.success(request, _about("Saved", form.cleaned_data["title"] or content.source_url))
        return SeeOther(reverse("downloads:catalogue"))
    card = catalogue_card(ContentPayload.of(content))
    return render(request, "catalogue/edit.html", {"form": form, "card": card})


@login_required
@require_POST
def remove(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Take the content out of the catalogue; users keep their downloads of it."""
    _staff(request)
    content = get_object_or_404(Content, pk=pk, in_catalogue=True)
    services.edit_content(content, in_catalogue=False)
    again = f"{reverse('downloads:catalogue_add')}?{urlencode({'url': content.source_url})}"
    message = _about("Removed from the catalogue", content)
    messages.success(request, format_html('{} <a href="{}">Undo</a>', message, again))
    return SeeOther(reverse("downloads:catalogue"))


@login_required
@require_POST
def probe(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    _staff(request)
    content = get_object_or_404(Content, pk=pk, in_catalogue=True)
    services.probe_again(content)
    messages.success(request, _about("Refreshing", content))
    return SeeOther(reverse("downloads:catalogue"))


def _about(event: str, what: object) -> str:
    """Return ``said: what`` as HTML; ``bdi`` isolates titles written from right to left."""
    return format_html("{}: <bdi>{}</bdi>", event, shortened(str(what)))
