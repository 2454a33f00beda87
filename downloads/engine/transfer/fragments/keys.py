"""The keys of encrypted fragments: asked for once each, held in memory alone."""

from __future__ import annotations

import binascii
import contextlib
import re
import threading
from collections.abc import Iterable, Iterator

from downloads.engine.core import data_url
from downloads.engine.core.data_url import is_data_url
from downloads.engine.core.errors import BadManifest, DownloadError, Unavailable
from downloads.engine.egress.client import Client
from downloads.engine.egress.first_look import open_part

LENGTH = 16
_AROUND = 4  # bytes: line ends behind a key, or 0x in front of it
_HEX = re.compile(rb"(?:0[xX])?([0-9A-Fa-f]+)")


class KeyRefused(Unavailable):
    """A key that its source does not hand out: a newer list may name one that it does."""


class Keys:
    """Used by several fetches at a time."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._keys: dict[str, bytes] = {}
        self._asking: dict[str, threading.Lock] = {}

    def get(
        self,
        url: str,
        headers: Iterable[tuple[str, str]],
        page: str = "",
        length: int = LENGTH,
    ) -> bytes:
        """A key of ``length`` bytes, also out of a ``data:`` URL. ``page``: the URL of the list
        that names it. Raises BadManifest for what is no key, KeyRefused for what the source keeps,
        and what the client raises."""
        with self._lock:
            asking = self._asking.setdefault(url, threading.Lock())
        with asking:  # the others wait for the first one's answer
            if url not in self._keys:
                is_here = is_data_url(url)
                found = _embedded(url) if is_here else self._read(url, headers, page, length)
                self._keys[url] = _checked(found, length)
            return self._keys[url]

    def _read(self, url: str, headers: Iterable[tuple[str, str]], page: str, length: int) -> bytes:
        """No more than one byte beyond what a key of ``length`` may be written as."""
        most = 2 * length + _AROUND
        buffer = memoryview(bytearray(most + 1))
        filled = 0
        with _told_as_a_key(), open_part(self._client, url, headers=headers, page=page) as response:
            while filled <= most and (count := response.read_into(buffer[filled:])):
                filled += count
        return bytes(buffer[:filled])


@contextlib.contextmanager
def _told_as_a_key() -> Iterator[None]:
    """Have an error say that it is the key's, and not the video's."""
    try:
        yield
    except DownloadError as error:
        said = error.message[:1].lower() + error.message[1:]
        detail = f"the key: {error.detail}"
        if type(error) is Unavailable:  # nothing is wrong with the link that the user gave
            cause = said.partition(". ")[0].rstrip(".")
            message = (
                f"The key of this video could not be fetched: {cause}. Try another quality, or "
                "retry later."
            )
            raise KeyRefused(detail, message=message) from error
        error.message = f"The key of this video could not be fetched: {said}"
        error.detail = detail
        raise


def _checked(found: bytes, length: int) -> bytes:
    """Return the key in ``found``: its bytes, a line end behind them or not
    (streamlink/streamlink#4554), or its digits in hex or base64."""
    if len(found) == length:
        return found
    bare = found.rstrip(b"\r\n")
    for key in (bare, *_decoded(bare.strip())):
        if len(key) == length:
            return key
    raise BadManifest(
        f"a key that is not {length} bytes long",
        message="The source's key for this video is not usable. It may be protected "
        "in a way that Ferry cannot download.",
    )


def _decoded(text: bytes) -> Iterator[bytes]:
    if (match := _HEX.fullmatch(text)) and len(match[1]) % 2 == 0:
        yield bytes.fromhex(match[1].decode())
    with contextlib.suppress(binascii.Error):
        yield binascii.a2b_base64(text, strict_mode=True)


def _embedded(url: str) -> bytes:
    try:
        return data_url.decode(url)
    except ValueError as error:
        raise BadManifest(f"a key in a data: URL: {error}") from None
