"""The request of one fragment, and the judgement of its answer before a byte of it is used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Self

from downloads.engine.core import data_url
from downloads.engine.core.byte_range import ByteRange
from downloads.engine.core.data_url import is_data_url
from downloads.engine.core.errors import BadManifest, BadResponse
from downloads.engine.core.media import Fragment
from downloads.engine.egress.client import Client, Response
from downloads.engine.egress.first_look import open_part
from downloads.engine.transfer.config import MIB

# Bytes that may be discarded to reach a range that the source does not serve as one.
SKIP_LIMIT = 16 * MIB


class EmbeddedBody:
    """The bytes of the ``data:`` URL ``url``, with the interface of a response."""

    headers: Mapping[str, str] = MappingProxyType({})
    sent_headers: tuple[tuple[str, str], ...] = ()

    def __init__(self, url: str, data: bytes) -> None:
        self.url = url
        self._left = memoryview(data)

    def detach(self) -> None:
        """Return None: there is no socket."""

    def read_into(self, view: memoryview) -> int:
        count = min(len(view), len(self._left))
        view[:count] = self._left[:count]
        self._left = self._left[count:]
        return count

    def close(self) -> None:
        self._left = self._left[:0]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class FragmentResponse:
    """The answer for a fragment, which is the body's bytes ``skip`` up to ``end`` (None: to its
    end)."""

    response: Response | EmbeddedBody
    skip: int
    end: int | None

    @property
    def size(self) -> int | None:
        return None if self.end is None else self.end - self.skip


def ask(
    client: Client, fragment: Fragment, headers: Iterable[tuple[str, str]], page: str = ""
) -> FragmentResponse:
    """Request a fragment. ``page``: the URL of the list that names it. Raises what ``open_part``
    raises, and BadResponse for anything but these very bytes."""
    if is_data_url(fragment.url):
        return _embedded(fragment)
    response = open_part(client, fragment.url, headers=headers, span=fragment.range, page=page)
    try:
        return _judge(response, fragment.range)
    except BaseException:
        response.close()
        raise


def _embedded(fragment: Fragment) -> FragmentResponse:
    try:
        data = data_url.decode(fragment.url)
    except ValueError as error:
        raise BadManifest(f"a fragment in a data: URL: {error}") from None
    start, end = fragment.range or (0, len(data))
    if end > len(data):
        raise BadManifest("a fragment beyond the end of its data: URL")
    return FragmentResponse(EmbeddedBody(fragment.url, data), start, end)


def _judge(response: Response, byte_range: ByteRange | None) -> FragmentResponse:
    if byte_range is None:
        return FragmentResponse(response, 0, response.length)
    found, (start, end) = response.content_range, byte_range
    if response.coded and response.length is None:
        found = None  # the whole, decoded: its numbers count the coded body
    if found is not None and (found.start, found.end) == byte_range:
        return FragmentResponse(response, 0, end - start)
    first, length = (found.start, found.length) if found is not None else (0, response.length)
    if length is not None and first + length < end:
        raise BadResponse("the fragment lies beyond the end of its file")
    if start - first > SKIP_LIMIT:
        raise BadResponse(
            "all of a large file instead of a range",
            message="The site does not serve parts of a file, which this video needs.",
        )
    return FragmentResponse(response, start - first, end - first)
