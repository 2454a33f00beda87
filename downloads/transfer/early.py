"""The first request goes out while the rest of the program is still being loaded.

For a command that lives as long as one transfer, that is a good part of its time.
"""

from __future__ import annotations

import threading
from types import TracebackType

from downloads.egress.client import Client
from downloads.exceptions import DownloadError, Stopped
from downloads.streams import Stream


class EarlyQuestion:
    """``stream`` is what is left to be fetched: where redirects have led, with the answer parked
    in the client. What went wrong is asked, and told, again by the engine."""

    def __init__(self, url: str, client: Client, *, wanted: bool = True) -> None:
        """``wanted`` False where an earlier run's part is there: the engine asks for the rest."""
        self._url = url
        self._client = client
        self._stream = Stream(url)
        self._thread = threading.Thread(target=self._ask, name="early-question", daemon=True)
        self._wanted = wanted

    def __enter__(self) -> EarlyQuestion:
        if self._wanted:
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._wanted:
            self._thread.join()

    @property
    def stream(self) -> Stream:
        if self._wanted:
            self._thread.join()
        return self._stream

    def _ask(self) -> None:
        try:
            response = self._client.get(self._url, start=0)
        except (DownloadError, Stopped):
            return
        self._client.park(response)
        self._stream = Stream(response.url, response.sent_headers)
