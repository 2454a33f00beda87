"""The choice of a mirror for a whole file, if its source names several."""

from __future__ import annotations

from dataclasses import replace

from downloads.engine.core.errors import DownloadError
from downloads.engine.core.media import Stream
from downloads.engine.egress.client import Client
from downloads.engine.resolver import whole_files
from downloads.engine.transfer.fragments.mirrors import OF_ONE_MIRROR


def reachable(stream: Stream, client: Client) -> Stream:
    """Return ``stream`` at the first of its URLs that answers with anything but a page, with the
    answer parked in ``client`` for the engine; unchanged if it has no other URL.

    Raises the error of the preferred one if none answers.
    """
    failed: DownloadError | None = None
    for url in (stream.url, *stream.alternates) if stream.alternates else ():
        try:
            return _opened(replace(stream, url=url, alternates=()), client)
        except OF_ONE_MIRROR as error:
            failed = failed or error
    if failed is not None:
        raise failed
    return stream


def _opened(stream: Stream, client: Client) -> Stream:
    response = whole_files.opened(stream.url, stream, client)
    client.parked.put(response)
    return replace(stream, url=response.url, headers=response.sent_headers)
