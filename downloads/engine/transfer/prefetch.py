"""The first request goes out while the rest of the program is still being loaded.

For a command that lives as long as one transfer, that is a good part of its time.
"""

from __future__ import annotations

import threading

from downloads.engine.core.errors import DownloadError, Stopped
from downloads.engine.egress.client import Client
from downloads.engine.egress.first_look import open_file


class PrefetchRequest:
    """Asked at once. The answer is parked in the client, under the URL that was asked: what went
    wrong is asked, and told, again by whoever looks for it there."""

    def __init__(self, url: str, client: Client) -> None:
        self._url = url
        self._client = client
        self._thread = threading.Thread(target=self._ask, name="early-question", daemon=True)
        self._thread.start()

    def wait(self) -> None:
        """Until it is answered, or not to be had."""
        self._thread.join()

    def _ask(self) -> None:
        try:
            response = open_file(self._client, self._url)
        except (DownloadError, Stopped):
            return
        self._client.park(response, url=self._url)
