"""An icon of the sprite."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.templatetags.static import static
from django.urls import get_script_prefix
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """Return the icon, as HTML. A page has a hundred: each is put together once."""
    return _icon(name, get_script_prefix())


@lru_cache(maxsize=256)
def _icon(name: str, _prefix: str) -> SafeString:
    return format_html(
        '<svg class="icon" width="18" height="18" aria-hidden="true" focusable="false">'
        '<use href="{}#{}"></use></svg>',
        static("img/icons.svg"),
        name,
    )
