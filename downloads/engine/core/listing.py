"""The entries of a playlist, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a playlist. ``duration`` in seconds. ``identity`` as of a Source, or empty."""

    url: str
    title: str
    duration: float | None = None
    thumbnail_url: str = ""
    identity: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """The entries of a playlist or channel URL, from ``start`` on (counted from 0).

    ``total`` is None if the source does not give it; ``more``: further entries follow.
    ``for_players``: a list that a player begins at once, with nothing to choose.
    """

    identity: str
    title: str
    entries: tuple[Entry, ...]
    start: int = 0
    total: int | None = None
    more: bool = False
    thumbnail_url: str = ""
    for_players: bool = False
