"""A kind of input: its origin and its forms, declared once and run by several tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from tests.field.support.clips import Clips
from tests.field.support.expected import Expected
from tests.support.origin import Origin
from tests.support.request import Handler

Family = Literal["http", "files", "hls", "dash", "subtitles", "pages"]


@dataclass(frozen=True)
class Form:
    """One link of the origin, and its right outcome. ``path`` may be a path or a whole URL with
    ``{origin}`` in it. ``subtitles``: the languages asked for."""

    path: str
    expected: Expected
    quality: str = ""
    subtitles: str = ""

    def url(self, origin: str) -> str:
        if "{origin}" in self.path:
            return self.path.replace("{origin}", origin)
        return f"{origin}{self.path}"


@dataclass(frozen=True)
class Kind:
    """``site``: make the origin's handler, given the clips; each call begins with a clean state.

    ``forms``: by name; the first stands for all in the whole product.
    """

    family: Family
    site: Callable[[Clips], Handler]
    forms: Mapping[str, Form]

    @contextmanager
    def origin(self, clips: Clips) -> Iterator[Origin]:
        with Origin(handle=self.site(clips)) as running:
            yield running
