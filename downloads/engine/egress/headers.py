"""The headers of a request: those that may be sent, and those derived for it. Pure."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from typing import Any

from downloads.engine.core import redaction
from downloads.engine.core.errors import UnsupportedURL
from downloads.engine.egress.rules import HeaderList

# Set by the client itself: framing, the range, and the host.
_OURS = frozenset(
    {"accept-encoding", "connection", "content-length", "host", "if-range", "range", "te",
     "transfer-encoding", "upgrade"}
)  # fmt: skip
SECRETS = frozenset({"authorization", "cookie", "proxy-authorization"})  # of one origin
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # a token (RFC 9110, section 5.6.2)
_OF_ORIGIN = frozenset({"origin", "referer"})
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def sendable(headers: Iterable[tuple[str, str]]) -> HeaderList:
    """Return the headers without those that the client itself sets. Raises UnsupportedURL."""
    checked = tuple((name, value) for name, value in headers if name.lower() not in _OURS)
    for name, value in checked:
        if not _NAME.fullmatch(name) or _CONTROL.search(value):
            raise UnsupportedURL("a header that cannot be sent")
    return checked


def without_secrets(headers: HeaderList) -> HeaderList:
    """Return the headers that another origin may get too."""
    return tuple(item for item in headers if item[0].lower() not in SECRETS)


def without_userinfo(name: str, value: str) -> str:
    """Return the header's value; Origin and Referer without the credentials that stood in a pasted
    URL (RFC 9110, section 10.1.3)."""
    return redaction.redact_userinfo(value) if name.lower() in _OF_ORIGIN else value


def without_cookies(facts: Any) -> Any:
    """Return frozen values, dumped as JSON, without the Cookie headers in them.

    A site's cookies are secrets, and a user's are stored encrypted only: a later attempt gets them
    from there, or resolves again.
    """
    if isinstance(facts, dict):
        return {
            name: _no_cookie(value) if name == "headers" else without_cookies(value)
            for name, value in facts.items()
        }
    return [without_cookies(item) for item in facts] if isinstance(facts, list) else facts


def _no_cookie(headers: Any) -> list[Any]:
    return [pair for pair in headers if pair[0].lower() != "cookie"]


def with_basic(headers: HeaderList, credentials: str) -> HeaderList:
    """Return ``headers`` with HTTP Basic of ``name:password`` (RFC 7617), unless they have an
    Authorization."""
    if any(name.lower() == "authorization" for name, _ in headers):
        return headers
    token = base64.b64encode(credentials.encode()).decode("ascii")
    return (*headers, ("Authorization", f"Basic {token}"))


def with_cookies(headers: HeaderList, cookies: str, *, newer: bool = False) -> HeaderList:
    """Return ``headers`` with ``cookies`` (the value of a header) in their Cookie. Of two with one
    name the header's stays, or with ``newer`` the other."""
    added = _pairs(cookies)
    if not added:
        return headers
    own = [pair for name, value in headers if name.lower() == "cookie" for pair in _pairs(value)]
    if newer:
        own = _without(own, added)
    else:
        added = _without(added, own)
    rest = tuple(item for item in headers if item[0].lower() != "cookie")
    return (*rest, ("Cookie", "; ".join([*own, *added])))


def _without(pairs: list[str], others: list[str]) -> list[str]:
    names = {pair.partition("=")[0] for pair in others}
    return [pair for pair in pairs if pair.partition("=")[0] not in names]


def _pairs(cookies: str) -> list[str]:
    return [pair.strip() for pair in cookies.split(";") if pair.strip()]


def range_headers(start: int | None, end: int | None, if_range: str | None) -> HeaderList:
    if start is None:
        return ()
    last = "" if end is None else str(end - 1)
    requested = (("Range", f"bytes={start}-{last}"),)
    return requested if if_range is None else (*requested, ("If-Range", if_range))
