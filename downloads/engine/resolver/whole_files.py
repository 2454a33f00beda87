"""Whole files named by a manifest, checked for existence before they are fetched."""

from __future__ import annotations

from downloads.engine.core.errors import DownloadError, NotMedia
from downloads.engine.core.media import Stream
from downloads.engine.egress.client import Client, Response
from downloads.engine.egress.first_look import open_file
from downloads.engine.resolver import sniff


def opened(url: str, stream: Stream, client: Client) -> Response:
    """Return the answer of ``url``, one of the URLs of ``stream``, with its body unread.

    Raises NotMedia if a page, a list or nothing comes, and what the client raises.
    """
    response = open_file(client, url, headers=stream.headers, end=stream.chunk_size)
    try:
        head = response.peek(sniff.HEAD)
        if not head or sniff.is_page("", head) or sniff.is_list(head):
            raise NotMedia(f"a mirror sends {head[:24]!r}")
    except BaseException:
        response.close()
        raise
    return response


def look(stream: Stream, client: Client) -> None:
    """Check that one of the URLs of ``stream`` answers with a file; the answer stays parked in
    ``client`` for the transfer. Raises the error of its first URL if none does."""
    first: DownloadError | None = None
    for url in (stream.url, *stream.alternates):
        try:
            response = opened(url, stream, client)
        except DownloadError as error:
            first = first or error
        else:
            client.parked.put(response, "" if stream.headers else url)
            return
    assert first is not None
    raise first
