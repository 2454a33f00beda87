"""Paths of the pages, for lists: a page of cards has a hundred."""

from __future__ import annotations

import uuid
from functools import lru_cache
from typing import Final

from django import template
from django.urls import get_script_prefix, reverse
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
_PLACE: Final = str(uuid.UUID(int=0))


@register.simple_tag
def path_of(name: str, pk: object = "", action: str = "") -> SafeString:
    """Return what ``{% url %}`` does for this page of downloads; ``pk`` is a UUID. Each is reversed
    once, as if for another download."""
    return mark_safe(_path(name, bool(pk), action, get_script_prefix()).replace(_PLACE, str(pk)))  # noqa: S308


@lru_cache(maxsize=256)
def _path(name: str, has_pk: bool, action: str, _prefix: str) -> str:
    arguments = [each for each in (_PLACE if has_pk else "", action) if each]
    return reverse(f"downloads:{name}", args=arguments)
