"""Addresses as written in pages and feeds. Pure; also used inside the jail."""

from __future__ import annotations

import re
from typing import Final

from downloads.engine.core.errors import DownloadError
from downloads.engine.egress import url_text
from downloads.engine.egress.target import parse

_UNSEEN: Final = re.compile(r"[\t\r\n]")


def address(value: str | None, base: str) -> str:
    """Return an address as browsers take it (URL standard, 4.4): without white space around or line
    ends inside, joined with ``base``; empty unless it is http(s)."""
    cleaned = url_text.tidy(value or "")
    if not cleaned:
        return ""
    try:
        return parse(url_text.join(base, cleaned)).url_with_credentials
    except (ValueError, DownloadError):
        return ""


def written(value: str) -> str:
    """Return the address meant by its written form, relative or not."""
    return _UNSEEN.sub("", value.strip()).replace(" ", "%20")
