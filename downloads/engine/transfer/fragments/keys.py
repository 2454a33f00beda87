"""The keys of encrypted fragments: asked for once each, held in memory alone."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from downloads.engine.core.errors import BadManifest
from downloads.engine.egress.client import Client
from downloads.engine.egress.first_look import open_part

LENGTH = 16


class Keys:
    """Used by several fetches at a time."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._keys: dict[str, bytes] = {}
        self._asking: dict[str, threading.Lock] = {}

    def get(self, url: str, headers: Iterable[tuple[str, str]], page: str = "") -> bytes:
        """``page``: the URL of the list that names it. Raises BadManifest for what is no key, and
        what the client raises."""
        with self._lock:
            asking = self._asking.setdefault(url, threading.Lock())
        with asking:  # the others wait for the first one's answer
            if url not in self._keys:
                self._keys[url] = self._fetch(url, headers, page)
            return self._keys[url]

    def _fetch(self, url: str, headers: Iterable[tuple[str, str]], page: str) -> bytes:
        buffer = memoryview(bytearray(LENGTH + 1))
        filled = 0
        with open_part(self._client, url, headers=headers, page=page) as response:
            while filled <= LENGTH and (count := response.read_into(buffer[filled:])):
                filled += count
        if filled != LENGTH:
            raise BadManifest(
                "a key that is not 16 bytes long",
                message="The source's key for this video is not usable. It may be protected "
                "in a way that Ferry cannot download.",
            )
        return bytes(buffer[:LENGTH])
