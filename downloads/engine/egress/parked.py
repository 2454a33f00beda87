"""Open answers that are kept for the next request of the same bytes."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Final

from downloads.engine.egress.response import Response
from downloads.engine.egress.target import parse

_MOST: Final = 4

_Key = tuple[str, frozenset[tuple[str, str]]]


class ParkedResponses:
    """The parked answers of one client, the latest few. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._parked: list[tuple[_Key, Response]] = []

    def put(self, response: Response, url: str = "") -> None:
        """Keep an open answer for the next request of the same URL and headers.

        ``url``: the URL to find it by, if not the one that redirects led to.
        """
        key = _key(url) if url else _key(response.url, response.sent_headers)
        with self._lock:
            self._parked.append((key, response))
            spare = [self._parked.pop(0)[1]] if len(self._parked) > _MOST else []
        for old in spare:
            old.close()

    def take(self, url: str, headers: Iterable[tuple[str, str]] = ()) -> Response | None:
        """Return the parked answer of this URL with these headers, or None. The caller closes
        it."""
        wanted = _key(url, headers)
        with self._lock:
            for place, (key, response) in enumerate(self._parked):
                if key == wanted:
                    del self._parked[place]
                    return response
        return None

    def close(self) -> None:
        with self._lock:
            parked, self._parked = self._parked, []
        for _, response in parked:
            response.close()


def _key(url: str, headers: Iterable[tuple[str, str]] = ()) -> _Key:
    return parse(url).url, frozenset((name.lower(), value) for name, value in headers)
