"""Keys of encrypted fragments: requested once each, held in memory alone."""

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
_AROUND = 4  # bytes: line ends after a key, or 0x in front of it
_HEX = re.compile(rb"(?:0[xX])?([0-9A-Fa-f]+)")


class KeyRefused(Unavailable):
    """The source refuses a key: a newer list may name one that it serves."""


class Keys:
    """The keys of one run. Thread-safe."""

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
        """Return a key of ``length`` bytes, also out of a ``data:`` URL. ``page``: the URL of the
        list that names it.

        Raises BadManifest for an invalid key, KeyRefused for a refused one, and what the client
        raises.
        """
        with self._lock:
            asking = self._asking.setdefault(url, threading.Lock())
        with asking:  # the others wait for the first one's answer
            if url not in self._keys:
                is_here = is_data_url(url)
                found = _embedded(url) if is_here else self._read(url, headers, page, length)
                self._keys[url] = _checked(found, length)
            return self._keys[url]

    def _read(self, url: str, headers: Iterable[tuple[str, str]], page: str, length: int) -> bytes:
        """Read the answer, at most one byte more than a key of ``length`` may be written as."""
        most = 2 * length + _AROUND
        buffer = memoryview(bytearray(most + 1))
        filled = 0
        with _as_key_error(), open_part(self._client, url, headers=headers, page=page) as response:
            while filled <= most and (count := response.read_into(buffer[filled:])):
                filled += count
        return bytes(buffer[:filled])


@contextlib.contextmanager
def _as_key_error() -> Iterator[None]:
    """Reword an error as that of the key, not the video."""
    try:
        yield
    except DownloadError as error:
        reason = error.message[:1].lower() + error.message[1:]
        detail = f"the key: {error.detail}"
        if type(error) is Unavailable:  # the user's own link is fine
            cause = reason.partition(". ")[0].rstrip(".")
            message = (
                f"The key of this video could not be fetched: {cause}. Try another quality, or "
                "retry later."
            )
            raise KeyRefused(detail, message=message) from error
        error.message = f"The key of this video could not be fetched: {reason}"
        error.detail = detail
        raise


def _checked(found: bytes, length: int) -> bytes:
    """Return the key in ``found``: its bytes, with or without a line end
    (streamlink/streamlink#4554), or its digits in hex or base64."""
    if len(found) == length:
        return found
    bare = found.rstrip(b"\r\n")
    for key in (bare, *_decoded(bare.strip())):
        if len(key) == length:
            return key
    raise BadManifest(
        f"a key that is not {length} bytes long",
        message="The site's key for this video is not usable. It may be protected "
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
