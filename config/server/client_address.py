from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """Return the client's address. Behind our proxy: the last X-Forwarded-For, the only one that
    the proxy wrote."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    if settings.BEHIND_HTTPS_PROXY and forwarded:
        return str(forwarded).rpartition(",")[2].strip()
    return request.META.get("REMOTE_ADDR") or None
