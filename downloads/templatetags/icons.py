"""An icon of the sprite."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.template.base import FilterExpression, Parser, Token
from django.templatetags.static import static
from django.urls import get_script_prefix
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


class IconNode(template.Node):
    def __init__(self, name: FilterExpression) -> None:
        self._name = name
        self._constant = name.var if isinstance(name.var, str) and not name.filters else None

    def render(self, context: template.Context) -> SafeString:
        name = self._constant or self._name.resolve(context)
        return _icon(name, get_script_prefix())


@register.tag
def icon(parser: Parser, token: Token) -> IconNode:
    """Render the icon of this name. A page has hundreds: each is put together once, and a tag of
    Django's simple kind would take as long as the rest of a button."""
    _, name = token.split_contents()
    return IconNode(parser.compile_filter(name))


@lru_cache(maxsize=256)
def _icon(name: str, _prefix: str) -> SafeString:
    return format_html(
        '<svg class="icon" width="18" height="18" aria-hidden="true" focusable="false">'
        '<use href="{}#{}"></use></svg>',
        static("img/icons.svg"),
        name,
    )
