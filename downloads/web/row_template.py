"""Templates of rows, rendered once for each form that a row takes."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from functools import lru_cache
from typing import Final

from django.template.loader import get_template
from django.urls import get_script_prefix
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

_FORMS: Final = 256  # of one template

Text = str | tuple[str, ...]


class RowTemplate:
    """A template whose result is kept with places for its texts, for each form that it is given.

    Django finds, localises and escapes each variable by itself: for a hundred rows this takes
    longer than all else of a page.
    """

    def __init__(self, name: str) -> None:
        self._name: Final = name
        self._skeleton = lru_cache(_FORMS)(self._rendered)

    def render(self, form: Mapping[str, Hashable], texts: Mapping[str, Text]) -> SafeString:
        """Return the row.

        ``form``: what the template decides by. ``texts``: what it shows as it is, without a filter;
        of these it may ask only if they are empty. A tuple is for its loops.
        """
        given: dict[str, str] = {}
        shape: dict[str, int] = {}
        for name, text in texts.items():
            if isinstance(text, tuple):
                shape[name] = len(text)
                for number, one in enumerate(text):
                    given[f"{name} {number}"] = conditional_escape(one)
            elif text:
                shape[name] = -1
                given[name] = conditional_escape(text)
        skeleton = self._skeleton(
            tuple(form.items()), tuple(shape.items()), tuple(texts), get_script_prefix()
        )
        return mark_safe(skeleton % given)  # noqa: S308 - each text is escaped

    def _rendered(
        self,
        form: tuple[tuple[str, Hashable], ...],
        shape: tuple[tuple[str, int], ...],
        names: tuple[str, ...],
        _prefix: str,  # of the addresses in it
    ) -> str:
        context: dict[str, object] = dict.fromkeys(names, "")
        for name, length in shape:
            places = [_place(f"{name} {number}") for number in range(length)]
            context[name] = _place(name) if length < 0 else places
        html = get_template(self._name).render(context | dict(form))
        return html.replace("%", "%%").replace("\0(", "%(").replace(")\0", ")s")


def _place(name: str) -> SafeString:
    return mark_safe(f"\0({name})\0")  # noqa: S308 - of no user
