"""Asks for one fragment, and judges the answer before a byte of it is used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from downloads.engine.core.errors import BadResponse
from downloads.engine.core.media import Fragment
from downloads.engine.egress.client import Client, Response
from downloads.engine.transfer.config import MIB

# What may be thrown away to get at a range that the source does not serve as one.
SKIP_LIMIT = 16 * MIB


@dataclass(frozen=True, slots=True)
class FragmentResponse:
    """The fragment is the body's bytes ``skip`` up to ``end`` (None: to its end)."""

    response: Response
    skip: int
    end: int | None

    @property
    def size(self) -> int | None:
        return None if self.end is None else self.end - self.skip


def ask(client: Client, fragment: Fragment, headers: Iterable[tuple[str, str]]) -> FragmentResponse:
    """Raises what the client raises, and BadResponse for anything but these very bytes."""
    start, end = fragment.range or (None, None)
    response = client.get(fragment.url, headers=headers, start=start, end=end)
    try:
        return _judge(response, fragment.range)
    except BaseException:
        response.close()
        raise


def _judge(response: Response, wanted: tuple[int, int] | None) -> FragmentResponse:
    if response.encoded:
        raise BadResponse(
            "Content-Encoding although identity was asked for",
            message="The source sends the video only compressed, which Ferry does not fetch.",
        )
    if wanted is None:
        return FragmentResponse(response, 0, response.length)
    start, end = wanted
    if response.content_range is not None:
        if (response.content_range.start, response.content_range.end) != wanted:
            raise BadResponse("the source sent another byte range than was asked for")
        return FragmentResponse(response, 0, end - start)
    if response.status != 200 or (response.length is not None and response.length < end):
        raise BadResponse("the fragment lies beyond the end of its file")
    if start > SKIP_LIMIT:
        raise BadResponse(
            "all of a large file instead of a range",
            message="The source does not serve parts of a file, which this video needs.",
        )
    return FragmentResponse(response, start, end)
