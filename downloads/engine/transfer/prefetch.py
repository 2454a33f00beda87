"""A first request sent while the rest of the program is still being loaded.

For a command that lives as long as one transfer, that is a good part of its time.
"""

from __future__ import annotations

import threading

from downloads.engine.core.errors import DownloadError, Stopped
from downloads.engine.egress.client import Client
from downloads.engine.egress.first_look import open_file


class PrefetchRequest:
    """A request sent at once. Its answer is parked in the client, under its URL; after an error the
    later request of that URL is sent, and fails, by itself."""

    def __init__(self, url: str, client: Client) -> None:
        self._url = url
        self._client = client
        self._thread = threading.Thread(target=self._ask, name="prefetch", daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Wait until it is answered, or has failed."""
        self._thread.join()

    def _ask(self) -> None:
        try:
            response = open_file(self._client, self._url)
        except (DownloadError, Stopped):
            return
        self._client.parked.put(response, url=self._url)
