"""Addresses as pages and feeds write them. Pure; read inside the jail too."""

from __future__ import annotations

import re
from typing import Final

from downloads.engine.core.errors import DownloadError
from downloads.engine.egress import url_text
from downloads.engine.egress.target import parse

_UNSEEN: Final = re.compile(r"[\t\r\n]")


def address(value: str | None, base: str) -> str:
    """Return an address as browsers take it (URL standard, 4.4): without white space around or
    line ends inside, joined with ``base``; empty for what is not http."""
    cleaned = url_text.tidy(value or "")
    if not cleaned:
        return ""
    try:
        return parse(url_text.join(base, cleaned)).url_with_credentials
    except (ValueError, DownloadError):
        return ""


def written(value: str) -> str:
    """Return what is meant by an address as it was written, relative or not."""
    return _UNSEEN.sub("", value.strip()).replace(" ", "%20")
