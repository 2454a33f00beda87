"""The handshake: a socket opens for a signed-in browser on a page of ours, or for a ticket.

A WebSocket is not covered by the same-origin policy, and the browser sends the cookie along from
any page; so the cookie counts only with a trusted Origin.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user, get_user_model
from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import DisallowedHost
from django.core.handlers.asgi import ASGIRequest
from django.db.models import Q
from django.db.models.functions import Now
from django.http import HttpRequest
from django.http.request import validate_host
from django.utils.module_loading import import_string
from knox.models import get_token_model

from downloads import services


@dataclass(frozen=True, slots=True)
class Visitor:
    """The user of a socket, and the session or the token (its digest) that they are signed in by;
    neither if a ticket named none."""

    user_id: int
    session_key: str = ""
    token_digest: str = ""


def visitor_of(scope: dict[str, Any]) -> Visitor | None:
    """Return the visitor, None if they may not enter. A ticket is used up by this, and decides
    alone."""
    request = _request(scope)
    ticket = request.GET.get("ticket")
    if ticket is not None:
        row = services.redeem_ticket(ticket)
        visitor = row and Visitor(row.user_id, row.session_key, row.token_digest)
        return visitor if visitor and may_stay(visitor) else None
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    if not key or not _is_ours(request):
        return None
    user_id = _user_of_session(request, key)
    return None if user_id is None else Visitor(user_id, key)


def may_stay(visitor: Visitor) -> bool:
    """Return if the visitor is still signed in by that session or token, and active."""
    if visitor.session_key:
        return _user_of_session(HttpRequest(), visitor.session_key) == visitor.user_id
    users = get_user_model().objects.filter(pk=visitor.user_id, is_active=True)
    if visitor.token_digest:
        unexpired = Q(expiry=None) | Q(expiry__gt=Now())
        own = get_token_model().objects.filter(unexpired, digest=visitor.token_digest)
        users = users.filter(pk__in=own.values("user_id"))
    return users.exists()


def _request(scope: dict[str, Any]) -> HttpRequest:
    """Return the handshake as a Django request."""
    scheme = "https" if scope.get("scheme") in ("https", "wss") else "http"
    return ASGIRequest({**scope, "method": "GET", "scheme": scheme}, io.BytesIO())


def _is_ours(request: HttpRequest) -> bool:
    """Return if the Origin passes the rule of Django's CSRF protection: same origin, or
    CSRF_TRUSTED_ORIGINS."""
    origin = request.headers.get("Origin", "")
    try:
        own = f"{request.scheme}://{request.get_host()}"
    except DisallowedHost:
        return False
    return origin == own or any(_matches(origin, one) for one in settings.CSRF_TRUSTED_ORIGINS)


def _matches(origin: str, trusted: str) -> bool:
    """Return if ``origin`` fits ``trusted``, which may be ``https://*.example.com``."""
    if "*" not in trusted:
        return origin == trusted
    try:
        given, pattern = urlsplit(origin), urlsplit(trusted)
    except ValueError:
        return False
    return given.scheme == pattern.scheme and validate_host(
        given.netloc, [pattern.netloc.removeprefix("*")]
    )


def _user_of_session(request: HttpRequest, key: str) -> int | None:
    store: type[SessionBase] = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
    request.session = store(key)
    user = get_user(request)
    return user.pk if user.is_authenticated and user.is_active else None
