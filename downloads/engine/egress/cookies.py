"""Cookies as the Netscape text that browsers' exports, curl and yt-dlp share.

One line each, seven fields between tabs: domain, whether hosts below it get it too, path,
whether only https, expiry in Unix time (0: with the session), name, value. A line that begins
with ``#HttpOnly_`` is one as well; other ``#`` lines are remarks.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

MAX_BYTES = 256 * 1024
MAX_COOKIES = 2000
HEADING = "# Netscape HTTP Cookie File"

_HTTP_ONLY = "#HttpOnly_"
_DOMAIN = re.compile(r"\.?(?!.{254})[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*|\[?[0-9a-f:.]+\]?")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z:/@()\[\]{}?-]+")
_UNSENDABLE = re.compile(r"[\x00-\x1f\x7f;]")
_BOOLEANS = {"TRUE": True, "FALSE": False}


@dataclass(frozen=True, slots=True)
class Cookie:
    """``domain`` has no dot in front; ``host_only``: hosts below it do not get it (RFC 6265,
    section 5.3). ``expires`` in Unix time, None with the session."""

    domain: str
    name: str
    value: str = field(repr=False)
    host_only: bool = False
    path: str = "/"
    secure: bool = False
    http_only: bool = False
    expires: int | None = None

    def __post_init__(self) -> None:
        """Raises ValueError, with a sentence that tells no value."""
        if not _DOMAIN.fullmatch(self.domain):
            raise ValueError("The domain is not a host name.")
        if not _NAME.fullmatch(self.name):
            raise ValueError("The name holds characters that no cookie's name has.")
        if _UNSENDABLE.search(self.value) or _UNSENDABLE.search(self.path):
            raise ValueError(f"{self.name} holds characters that cannot be sent.")
        if not self.path.startswith("/"):
            raise ValueError(f"The path of {self.name} does not begin with a slash.")

    def line(self) -> str:
        """Netscape's, without the end of the line."""
        mark = _HTTP_ONLY if self.http_only else ""
        shown = self.domain if self.host_only else f".{self.domain}"
        flags = ["FALSE" if self.host_only else "TRUE", self.path, str(self.secure).upper()]
        fields = [mark + shown, *flags, str(self.expires or 0), self.name, self.value]
        return "\t".join(fields)


def dump(cookies: Iterable[Cookie]) -> str:
    return "\n".join([HEADING, *(cookie.line() for cookie in cookies), ""])


def load(text: str) -> tuple[Cookie, ...]:
    """Raises ValueError with a sentence that names the line, and never what is in it."""
    if len(text.encode()) > MAX_BYTES:
        raise ValueError(f"The cookies are larger than {MAX_BYTES // 1024} KiB. Export one site's.")
    found = []
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        if not line.strip() or (line.startswith("#") and not line.startswith(_HTTP_ONLY)):
            continue
        try:
            found.append(_cookie(line))
        except ValueError as error:
            raise ValueError(f"Line {number} is not a cookie: {error}") from None
        if len(found) > MAX_COOKIES:
            raise ValueError(f"There are more than {MAX_COOKIES} cookies. Export one site's.")
    return tuple(found)


def _cookie(line: str) -> Cookie:
    http_only = line.startswith(_HTTP_ONLY)
    fields = line.removeprefix(_HTTP_ONLY).split("\t")
    if len(fields) != 7:
        raise ValueError("it needs seven fields with tabs between them.")
    domain, below, path, secure, expires, name, value = fields
    if below not in _BOOLEANS or secure not in _BOOLEANS:
        raise ValueError("its second and fourth field are TRUE or FALSE.")
    if not re.fullmatch(r"-?\d{1,15}(\.\d{1,9})?", expires):
        raise ValueError("its expiry is not a number.")
    return Cookie(
        domain=domain.lower().removeprefix("."),
        name=name,
        value=value,
        host_only=not _BOOLEANS[below],
        path=path,
        secure=_BOOLEANS[secure],
        http_only=http_only,
        expires=max(int(float(expires)), 0) or None,
    )


def unexpired(cookies: Iterable[Cookie], now: float | None = None) -> tuple[Cookie, ...]:
    moment = time.time() if now is None else now
    return tuple(one for one in cookies if one.expires is None or one.expires > moment)
