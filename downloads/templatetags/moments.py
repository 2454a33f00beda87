"""Times as people read them: how long ago, and when exactly."""

from __future__ import annotations

import datetime as dt

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from downloads.engine.core.humanize import wait_in_words

register = template.Library()


@register.filter
def distance(moment: dt.datetime) -> str:
    """``8 min ago``, ``in 3 days``, ``just now``."""
    seconds = (timezone.now() - moment).total_seconds()
    if abs(seconds) < 1:
        return "just now"
    return f"{wait_in_words(seconds)} ago" if seconds > 0 else f"in {wait_in_words(-seconds)}"


@register.filter
def moment(value: dt.datetime) -> SafeString:
    """The exact time. The server knows UTC only; the page's script says it in the reader's."""
    utc = value.astimezone(dt.UTC)
    shown = f"{utc.day} {utc:%b %Y, %H:%M:%S} UTC"
    return format_html('<time datetime="{}" data-local>{}</time>', f"{utc:%FT%T}Z", shown)


@register.filter
def is_moment(value: object) -> bool:
    return isinstance(value, dt.datetime)
