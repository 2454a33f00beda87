"""Addresses as pages and feeds write them. Pure; read inside the jail too."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urljoin, urlsplit

_UNSEEN: Final = re.compile(r"[\t\r\n]")


def address(value: str | None, base: str) -> str:
    """Return an address as browsers take it (URL standard, 4.4): without white space around or
    line ends inside, joined with ``base``; empty for what is not http."""
    cleaned = written(value or "")
    try:
        url = urljoin(base, cleaned) if cleaned else ""
        return url if urlsplit(url).scheme in ("http", "https") else ""
    except ValueError:
        return ""


def written(value: str) -> str:
    """Return what is meant by an address as it was written, relative or not."""
    return _UNSEEN.sub("", value.strip()).replace(" ", "%20")
