"""Cookies as users paste them."""

from __future__ import annotations

from typing import Any

from downloads import services
from downloads.models import SiteCookies

SECRET = "s3cret-Value"
LATER = 4_000_000_000  # Unix time
LONG_AGO = 1_000_000_000


def line(
    domain: str,
    name: str = "session",
    value: str = SECRET,
    *,
    path: str = "/",
    secure: bool = False,
    expires: int = LATER,
    http_only: bool = False,
) -> str:
    """One of Netscape's. A domain with a dot in front is for the hosts below it too."""
    below = "TRUE" if domain.startswith(".") else "FALSE"
    fields = [domain, below, path, str(secure).upper(), str(expires), name, value]
    return ("#HttpOnly_" if http_only else "") + "\t".join(fields)


def file(*lines: str) -> str:
    return "\n".join(["# Netscape HTTP Cookie File", "", *lines, ""])


def keep(user: Any, domain: str = "127.0.0.1", value: str = SECRET) -> SiteCookies:
    return services.keep_cookies(user, file(line(domain, value=value))).row
