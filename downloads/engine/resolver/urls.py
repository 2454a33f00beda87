"""A pasted URL, checked and brought into one form. Pure."""

from __future__ import annotations

import ipaddress
import re
from typing import Final

from downloads.engine.core.errors import UnsupportedURL
from downloads.engine.egress.target import MAX_URL, not_a_link, parse, too_long

_HTTP: Final = re.compile(r"https?:", re.IGNORECASE)
_HAS_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_LOST_COLON: Final = re.compile(r"(https?)(?=//)", re.IGNORECASE)
# "example.com/x", "example.com:8080": people copy links without their scheme.
_BARE_HOST: Final = re.compile(
    r"(?P<host>[^\s/?#:@\[\]\\]+(?:\.[^\s/?#:@\[\]\\]+)+\.?|localhost|\[[0-9a-f:.]+\])"
    r"(?::(?P<port>\d+))?(?=[/?#\\]|$)",
    re.IGNORECASE,
)
_NEXT_LINK: Final = re.compile(r"\s(?:https?:)?//", re.IGNORECASE)
# Names within a network: no certificate is to be expected there.
_HERE: Final = re.compile(
    r"(?:.*\.)?(?:localhost|local|lan|internal|home\.arpa|test)\.?", re.IGNORECASE
)


def normalise(url: str) -> str:
    """The one form of a pasted URL, by which equal links are found to be equal.

    What stands around it goes (``pasted_text``); scheme and host become lower case, an
    international host becomes ASCII; the default port and the fragment go; an empty path becomes
    ``/``; what a browser encodes is encoded (``egress.url_text``). What is legal in path and query
    stays as it is (RFC 3986, section 6.2.2 and 6.2.3, as far as no server can tell the
    difference). ``example.com/x`` and ``//example.com/x`` are taken for https, as an address bar
    does, but for http where there is no certificate to be expected: a bare address, a local name,
    a port of its own.

    Raises UnsupportedURL with a sentence that helps, BlockedAddress for a zoned address.
    """
    if len(url) > 2 * MAX_URL:
        raise too_long()
    text = url.strip()
    if not _is_bare(text):
        from downloads.engine.resolver.pasted_text import unwrap  # a command starts without

        text = unwrap(text)
    if len(text) > MAX_URL:
        raise too_long()
    if _NEXT_LINK.search(text):
        raise UnsupportedURL("several links", message="These are several links. Paste one alone.")
    return parse(_with_scheme(text)).url_with_credentials


def _is_bare(text: str) -> bool:
    """Return whether nothing can stand around the link."""
    return (
        text.isascii()
        and "#" not in text
        and text.startswith(("http://", "https://"))
        and (text[-1].isalnum() or text[-1] in "/=&%~-_")
    )


def _with_scheme(url: str) -> str:
    if not url:
        raise UnsupportedURL(message="There is no link. Paste one like https://example.com/a.mp4.")
    if _HTTP.match(url) or _HAS_SCHEME.match(url):
        return url
    if found := _LOST_COLON.match(url):
        return f"{found[1]}:{url[found.end() :]}"
    bare = url.lstrip("/\\") if url.startswith(("//", "\\\\")) else url
    if found := _BARE_HOST.match(bare):
        return f"{_usual_scheme(found['host'], found['port'])}://{bare}"
    if re.search(r"\s", url):
        raise not_a_link("words")
    return url if bare == url else f"https://{bare}"


def _usual_scheme(host: str, port: str | None) -> str:
    """As Chromium's address bar: https, and http where that is not to be expected."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        secure = port in (None, "443", "8443") and not _HERE.fullmatch(host)
        return "https" if secure else "http"
    return "https" if port in ("443", "8443") else "http"
