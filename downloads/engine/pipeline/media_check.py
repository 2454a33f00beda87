"""The first bytes of what comes: a list of files is no media, whatever it is called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from downloads.engine.core.errors import Unavailable
from downloads.engine.core.media import Stream
from downloads.engine.egress.client import Client
from downloads.engine.egress.first_look import open_file
from downloads.engine.resolver import sniff
from downloads.engine.resolver.manifests import refusals

LENGTH = 2048  # bytes
_A_PAGE = (
    "The source sends a web page in place of the video. Open the link in a browser to see why: it "
    "may want a login, or not be offered here."
)


def reject_non_media(stream: Stream, client: Client) -> Stream:
    """A file that a page or a list named, and nobody has seen yet: where redirects lead, with the
    answer parked in ``client`` for the engine.

    Raises BadManifest where it is a list of files instead of media, Unavailable where it is a web
    page, and what the client raises.
    """
    response = open_file(client, stream.url, headers=stream.headers, end=stream.chunk_size)
    head = response.peek(LENGTH)
    if sniff.is_list(head):
        response.close()
        raise refusals.no_media("a file")
    if sniff.is_page("", head):
        response.close()
        raise Unavailable("a page instead of media", message=_A_PAGE)
    client.park(response)
    return replace(stream, url=response.url, headers=response.sent_headers)


def tag_length(head: bytes) -> int:
    """How long the ID3v2 tag is that a piece of packed sound begins with (RFC 8216, 3.4). In the
    middle of what is put together it is a frame that no player can decode."""
    if len(head) < 10 or not head.startswith(b"ID3"):
        return 0
    length = 20 if head[5] & 0x10 else 10  # with its footer, or without
    for place, byte in enumerate(reversed(head[6:10])):
        length += (byte & 0x7F) << 7 * place
    return length


def checked(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """``blocks``, the first of them looked at."""
    is_checked = False
    for block in blocks:
        if block and not is_checked:
            is_checked = True
            check(block[:LENGTH])
        yield block


def check(head: bytes) -> None:
    """ffmpeg would not follow it either, but has no words for what it is."""
    if sniff.is_list(head):
        raise refusals.no_media("a stream")
