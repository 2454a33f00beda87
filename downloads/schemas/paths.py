"""Paths of this site in payloads, also in those that are made outside of a request.

Django's ``reverse`` knows of URL_PREFIX on a request's thread alone.
"""

from __future__ import annotations

from django.conf import settings


def site_path(path: str) -> str:
    """Return a path of Ferry's own as browsers ask for it."""
    return f"{settings.URL_PREFIX}{path}"


def picture_url(url: str) -> str:
    """Return the URL of a picture as browsers ask for it. One that is a path is Ferry's own: it is
    stored without URL_PREFIX, which may change."""
    own = url.startswith("/") and not url.startswith((f"{settings.URL_PREFIX}/", "//"))
    return site_path(url) if own else url
