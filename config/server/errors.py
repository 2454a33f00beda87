"""Error answers outside of views: JSON of the one shape for the API, a plain page for people.

Nothing here touches the database: it may be the cause.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.exceptions import TemplateDoesNotExist, TemplateSyntaxError
from django.template.loader import render_to_string
from django.utils.html import escape

from config.server.client_address import client_address

logger = logging.getLogger(__name__)

RETRY_AFTER = 2  # seconds

_PLAIN = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title} - Ferry</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><main><h1>{title}</h1><p>{detail}</p><p><a href="{home}">Back to Ferry</a></p></main></body>
</html>
"""
_TITLES = {
    400: "Invalid request",
    403: "Not allowed",
    404: "Not found",
    413: "Too large",
    429: "Too many attempts",
    503: "Just a moment",
}


def error_body(kind: str, code: str, detail: str) -> dict[str, Any]:
    """Return the one shape of errors (drf-standardized-errors)."""
    return {"type": kind, "errors": [{"code": code, "detail": detail, "attr": None}]}


def error_response(
    request: HttpRequest, status: int, code: str, detail: str, retry_after: int | None = None
) -> HttpResponse:
    """Return JSON below /api/, else a page."""
    response: HttpResponse
    if request.path_info.startswith("/api/"):
        kind = "server_error" if status >= 500 else "client_error"
        response = JsonResponse(error_body(kind, code, detail), status=status)
    else:
        response = HttpResponse(_page(status, detail), status=status)
    if retry_after is not None:
        response["Retry-After"] = str(retry_after)
    return response


def _page(status: int, detail: str) -> str:
    context = {
        "status": status,
        "title": _TITLES.get(status, "Something went wrong"),
        "detail": detail,
        "home": f"{settings.URL_PREFIX}/",
    }
    try:
        return render_to_string("error.html", context)
    except (TemplateDoesNotExist, TemplateSyntaxError):
        # The template itself may be broken.
        texts = {"title": escape(context["title"]), "detail": escape(detail)}
        return _PLAIN.format(**texts, home=context["home"])


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    detail = "The request is invalid. Check it and send it again."
    return error_response(request, 400, "bad_request", detail)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    detail = (
        "You don't have permission to view this. Sign in as another user, or ask an administrator."
    )
    return error_response(request, 403, "permission_denied", detail)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    detail = "This page does not exist. Check the address."
    return error_response(request, 404, "not_found", detail)


def server_error(request: HttpRequest) -> HttpResponse:
    """Return 503 if the database is unavailable (also inside middleware), else 500."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        detail = "The database does not answer right now. Try again in a moment."
        return error_response(request, 503, "database_unavailable", detail, RETRY_AFTER)
    detail = "Something went wrong on our side. Try again, or tell an administrator."
    return error_response(request, 500, "internal", detail)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    detail = "This page was open for too long, or cookies are switched off. Reload it and retry."
    if fault := _proxy_fault(request):
        logger.warning("form refused: %s", fault)
        detail = f"The proxy in front of Ferry is set up wrongly: tell an administrator. {fault}"
    return error_response(request, 403, "csrf_failed", detail)


def _proxy_fault(request: HttpRequest) -> str:
    """Return why every form fails behind an HTTPS proxy; empty if it is not that: the browser's
    origin is then of another scheme than the request seems to be."""
    if request.is_secure() or not request.headers.get("Origin", "").startswith("https://"):
        return ""
    if not settings.BEHIND_HTTPS_PROXY:
        return "Set BEHIND_HTTPS_PROXY=true if an HTTPS proxy of yours alone reaches Ferry."
    return "It must send X-Forwarded-Proto: https."


def locked_out(
    request: HttpRequest, original_response: object = None, credentials: object = None
) -> HttpResponse:
    """Return 429 for too many wrong passwords of one name from one address, or of many names
    (django-axes); 503 if too many sign in at this moment."""
    if getattr(request, "is_crowded", False):
        detail = "Too many are signing in right now. Try again in a moment."
        return error_response(request, 503, "busy", detail, RETRY_AFTER)
    logger.warning("sign-in locked", extra={"address": client_address(request)})
    seconds = int(settings.AXES_COOLOFF_TIME.total_seconds())
    detail = f"Too many wrong passwords. Wait {seconds // 60} minutes, then try again."
    return error_response(request, 429, "throttled", detail, seconds)
