"""``data:`` URLs (RFC 2397), read as in browsers (WHATWG Fetch, "data: URL processor"). Pure."""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import unquote_to_bytes

_SCHEME = re.compile(r"data:", re.IGNORECASE)
_BASE64 = re.compile(r";[ ]*base64[ ]*\Z", re.IGNORECASE)
_WHITESPACE = re.compile(rb"[\t\n\f\r ]+")


def is_data_url(url: str) -> bool:
    return _SCHEME.match(url) is not None


def media_type(url: str) -> str:
    """Return the media type in lower case, without parameters; empty if none is given."""
    return url[5:300].partition(",")[0].partition(";")[0].strip().lower()


def decode(url: str) -> bytes:
    """Return the bytes that ``url`` holds. Raises ValueError if it is no ``data:`` URL."""
    head, comma, body = url.partition("#")[0].partition(",")
    if not comma or not is_data_url(head):
        raise ValueError("no data: URL")
    data = unquote_to_bytes(body)
    return _from_base64(data) if _BASE64.search(head) else data


def _from_base64(data: bytes) -> bytes:
    """Decode as the WHATWG's forgiving-base64 does, and the URL-safe letters that packagers use."""
    data = _WHITESPACE.sub(b"", data).rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
    try:
        return base64.b64decode(data + b"=" * (-len(data) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError(f"base64: {error}") from None
