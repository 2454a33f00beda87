"""Playlists as the prober keeps them."""

from __future__ import annotations

import itertools
import uuid
from typing import Any

from downloads import services
from downloads.engine.core.listing import Entry, Listing
from downloads.jobs.keep_listing import keep_listing
from downloads.models import Content, PlaylistEntry

CONTENT = "/api/v1/content/"
GROUPS = "/api/v1/groups/"
_numbers = itertools.count(1)


def entry(number: int, **facts: Any) -> Entry:
    said = {"url": f"https://course.example/{number}.mp4", "title": f"Part {number}"}
    return Entry(**(said | {"duration": 60.0 + number} | facts))


def listing(count: int, *, start: int = 0, **facts: Any) -> Listing:
    entries = tuple(entry(number) for number in range(start + 1, start + count + 1))
    said = {"identity": "test:1", "title": "A course", "entries": entries, "start": start}
    return Listing(**(said | {"total": start + count} | facts))


def pasted(user: Any, count: int, **facts: Any) -> Content:
    """Return content that this user pasted and the worker found to be a playlist."""
    content, _ = services.add_content(user, f"https://course.example/list/{next(_numbers)}")
    keep_listing(content.pk, listing(count, **facts))
    return Content.objects.get(pk=content.pk)


def at(content: Content, verb: str = "") -> str:
    return f"{CONTENT}{content.pk}/{verb}/" if verb else f"{CONTENT}{content.pk}/"


def keys(content: Content, count: int | None = None) -> list[uuid.UUID]:
    return list(PlaylistEntry.objects.filter(content=content).values_list("id", flat=True)[:count])


def ids(content: Content, count: int | None = None) -> list[str]:
    return [str(pk) for pk in keys(content, count)]
