"""The head of a request, as it goes onto the wire. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from downloads.engine.core.errors import UnsupportedURL
from downloads.engine.egress.rules import HeaderList

_TARGET = re.compile(r"[\x21-\x7e]+")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # a token (RFC 9110, section 5.6.2)
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def request_head(method: str, target: str, fields: Iterable[tuple[str, str]]) -> bytes:
    """Return the request line and ``fields``, in Latin-1. Raises UnsupportedURL for characters that
    would end a line early."""
    lines = [f"{method} {target} HTTP/1.1"]
    if not _TARGET.fullmatch(target):
        raise UnsupportedURL("a path that cannot be sent")
    for name, value in fields:
        if not _NAME.fullmatch(name) or _CONTROL.search(value):
            raise UnsupportedURL("a header that cannot be sent")
        lines.append(f"{name}: {value}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")


def get_fields(authority: str, user_agent: str, headers: HeaderList) -> HeaderList:
    """Return the header fields of a GET: ``headers``, preceded by the usual ones that they lack."""
    names = {name.lower() for name, _ in headers}
    usual = (("User-Agent", user_agent), ("Accept", "*/*"))
    missing = (item for item in usual if item[0].lower() not in names)
    return (("Host", authority), *missing, ("Accept-Encoding", "identity"), *headers)
