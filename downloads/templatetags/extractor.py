"""The version of yt-dlp in the footer."""

from __future__ import annotations

import time
from typing import Final

from django import template
from django.db import Error

from downloads.engine.resolver.ytdlp.version import version_in_use
from downloads.queue.figures import ytdlp_versions

register = template.Library()
_KEPT: Final = 60.0  # seconds: a page must not cost a query for it
_seen: tuple[float, str] | None = None


@register.simple_tag(takes_context=True)
def ytdlp_in_use(context: template.RequestContext) -> str:
    """Return the versions that workers use; empty for users who are not staff."""
    user = context.get("user")
    if user is None or not user.is_staff:
        return ""
    global _seen
    if _seen is None or time.monotonic() - _seen[0] > _KEPT:
        _seen = time.monotonic(), _versions()
    return _seen[1]


def _versions() -> str:
    try:
        return ", ".join(ytdlp_versions())
    except Error:  # also on the page that says so
        return version_in_use()
