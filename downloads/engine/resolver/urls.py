"""A pasted URL, checked and brought into one form. Pure."""

from __future__ import annotations

import re
from urllib.parse import quote

from downloads.engine.core.errors import UnsupportedURL
from downloads.engine.egress.target import MAX_URL, Target, not_a_link, parse, too_long

_HAS_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
# "example.com/x", "example.com:8080": people copy links without their scheme.
_BARE_HOST = re.compile(
    r"(?:[^\s/?#:@.]+(?:\.[^\s/?#:@.]+)+\.?|localhost)(?::\d+)?(?=[/?#]|$)", re.IGNORECASE
)


def normalise(url: str) -> str:
    """The one form of a pasted URL, by which equal links are found to be equal.

    Space around it goes; scheme and host become lower case, an international host becomes
    ASCII; the default port and the fragment go; an empty path becomes ``/``. The query stays as
    it is (RFC 3986, section 6.2.2 and 6.2.3, as far as no server can tell the difference).
    ``example.com/x`` and ``//example.com/x`` are taken for https.

    Raises UnsupportedURL with a sentence that helps, BlockedAddress for a zoned address.
    """
    url = url.strip()
    if len(url) > MAX_URL:
        raise too_long()
    target = parse(_with_scheme(url))
    return f"{target.scheme}://{_userinfo(target)}{target.authority}{target.path}"


def _with_scheme(url: str) -> str:
    if not url:
        raise UnsupportedURL(message="There is no link. Paste one like https://example.com/a.mp4.")
    if url.startswith("//"):
        return f"https:{url}"
    if _HAS_SCHEME.match(url):
        return url
    if re.search(r"\s", url):
        raise not_a_link("words")
    return f"https://{url}" if _BARE_HOST.match(url) else url


def _userinfo(target: Target) -> str:
    if target.credentials is None:
        return ""
    name, _, password = target.credentials.partition(":")
    return f"{quote(name, safe='')}:{quote(password, safe='')}@"
