"""The choice among a fragment's URLs: a source may name several of the same."""

from __future__ import annotations

from dataclasses import replace

from downloads.engine.core.errors import (
    BadResponse,
    BlockedAddress,
    DownloadError,
    ExpiredLink,
    GeoBlocked,
    Incomplete,
    LoginRequired,
    NetworkError,
    NotMedia,
    RateLimited,
    SourceChanged,
    Stalled,
    TooManyRedirects,
    Unavailable,
)
from downloads.engine.core.media import Fragment

# Errors that concern one mirror, and say nothing about the others.
OF_ONE_MIRROR = (
    BadResponse, BlockedAddress, ExpiredLink, GeoBlocked, Incomplete, LoginRequired, NetworkError,
    NotMedia, RateLimited, SourceChanged, Stalled, TooManyRedirects, Unavailable,
)  # fmt: skip


class Mirrors:
    """The mirrors of one stream, used by the engine's own thread alone. The one that served last is
    tried first."""

    def __init__(self) -> None:
        self._served = 0
        self._failed: dict[int, set[int]] = {}

    def choose(self, index: int, fragment: Fragment) -> tuple[int, Fragment]:
        """Return the place of a mirror that has not failed, and the fragment at its URL."""
        if not fragment.alternates:
            return 0, fragment
        urls = (fragment.url, *fragment.alternates)
        failed = self._failed.get(index, ())
        places = [self._served % len(urls), *range(len(urls))]
        # A list that was loaded again may have fewer: then all count as untried.
        place = next((place for place in places if place not in failed), places[0])
        return place, replace(fragment, url=urls[place])

    def has_another(self, index: int, fragment: Fragment, place: int, error: DownloadError) -> bool:
        """Note a failure at ``place``. Return if a mirror is left; else all count as untried."""
        if not fragment.alternates or not isinstance(error, OF_ONE_MIRROR):
            return False
        failed = self._failed.setdefault(index, set())
        failed.add(place)
        if len(failed) <= len(fragment.alternates):
            return True
        del self._failed[index]
        return False

    def served(self, index: int, fragment: Fragment, place: int) -> None:
        if fragment.alternates:
            self._served = place
            self._failed.pop(index, None)
