"""Cookies as the Netscape text that browsers' exports, curl and yt-dlp share.

One line each, seven tab-separated fields: domain, include subdomains, path, https only, expiry in
Unix time (0: with the session), name, value. A line that begins with ``#HttpOnly_`` is one as well;
other ``#`` lines are comments. Exporters differ in the rest: what curl's ``Curl_cookie_add`` and
yt-dlp read is read here too, and a line that is no cookie is skipped, as curl does, and reported.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

MAX_BYTES = 256 * 1024
MAX_COOKIES = 2000
HEADING = "# Netscape HTTP Cookie File"

_HTTP_ONLY = "#HttpOnly_"
_DOMAIN = re.compile(r"\.?(?!.{254})[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*|\[?[0-9a-f:.]+\]?")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z:/@()\[\]{}?-]+")
_UNSENDABLE = re.compile(r"[\x00-\x1f\x7f;]")
_BOOLEANS = {"TRUE": True, "FALSE": False}
_FIELDS: Final = 7
_LINE_END = re.compile(r"\r?\n")
# From these on, a number is no seconds but milliseconds, microseconds, or microseconds of
# Windows' calendar, which Chromium's own database counts in.
_MILLISECONDS, _MICROSECONDS, _SINCE_1601 = 10**12, 10**15, 10**16
_FROM_1601_TO_1970: Final = 11_644_473_600  # seconds


@dataclass(frozen=True, slots=True)
class Cookie:
    """One cookie. ``domain`` has no dot in front; ``host_only``: subdomains do not get it (RFC
    6265, section 5.3). ``expires`` in Unix time, None with the session."""

    domain: str
    name: str
    value: str = field(repr=False)
    host_only: bool = False
    path: str = "/"
    secure: bool = False
    http_only: bool = False
    expires: int | None = None

    def __post_init__(self) -> None:
        """Raises ValueError, with a sentence that holds no value."""
        if not _DOMAIN.fullmatch(self.domain):
            raise ValueError("The domain is not a host name.")
        if not _NAME.fullmatch(self.name):
            raise ValueError("The name has invalid characters.")
        if _UNSENDABLE.search(self.value) or _UNSENDABLE.search(self.path):
            raise ValueError("The value or the path has invalid characters.")
        if not self.path.startswith("/"):
            raise ValueError("The path does not begin with a slash.")

    def line(self) -> str:
        """Return the cookie as a Netscape line, without the line end."""
        mark = _HTTP_ONLY if self.http_only else ""
        shown = self.domain if self.host_only else f".{self.domain}"
        flags = ["FALSE" if self.host_only else "TRUE", self.path, str(self.secure).upper()]
        fields = [mark + shown, *flags, str(self.expires or 0), self.name, self.value]
        return "\t".join(fields)


def dump(cookies: Iterable[Cookie]) -> str:
    return "\n".join([HEADING, *(cookie.line() for cookie in cookies), ""])


@dataclass(frozen=True, slots=True)
class Skipped:
    """A line of a text that is no cookie: ``place`` is ``Line 3``, ``reason`` a sentence. Neither
    holds any of its content."""

    place: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place} is not a cookie: {self.reason[:1].lower()}{self.reason[1:]}"


def load(text: str) -> tuple[Cookie, ...]:
    """Return the cookies of a Netscape text, without invalid lines.

    Raises ValueError with a sentence if no line is valid, or they are too many.
    """
    found, skipped = load_lines(text)
    if skipped and not found:
        raise ValueError(str(skipped[0]))
    return found


def load_lines(text: str) -> tuple[tuple[Cookie, ...], tuple[Skipped, ...]]:
    """Return the cookies of a Netscape text, and its invalid lines.

    Raises ValueError with a sentence if it is too large or holds too many.
    """
    if len(text.encode(errors="replace")) > MAX_BYTES:
        raise ValueError(f"The cookies are larger than {MAX_BYTES // 1024} KiB. Export one site's.")
    found, skipped = [], []
    for number, line in enumerate(_lines(text), start=1):
        if not line.strip() or (line.startswith("#") and not line.startswith(_HTTP_ONLY)):
            continue
        try:
            found.append(_cookie(line))
        except ValueError as error:
            skipped.append(Skipped(f"Line {number}", str(error)))
        if len(found) > MAX_COOKIES:
            raise ValueError(f"There are more than {MAX_COOKIES} cookies. Export one site's.")
    return tuple(found), tuple(skipped)


def _lines(text: str) -> list[str]:
    """Return the lines. Files of old Macs have no line feed; a byte order mark may come first."""
    text = text.removeprefix("\ufeff")
    lines = _LINE_END.split(text) if "\n" in text else text.split("\r")
    return [line.lstrip(" \ufeff") for line in lines]


def _cookie(line: str) -> Cookie:
    """Parse one line. Raises ValueError with a sentence."""
    http_only = line.startswith(_HTTP_ONLY)
    domain, below, path, secure, expires, name, value = _fields(line.removeprefix(_HTTP_ONLY))
    return Cookie(
        domain=domain.strip().lower().removeprefix("."),
        name=name,
        value=value,
        host_only=not _boolean(below),
        path=path,
        secure=_boolean(secure),
        http_only=http_only,
        expires=expiry(expires),
    )


def _fields(line: str) -> list[str]:
    """Return the seven fields of a line. Editors turn tabs into blanks, and drop an empty last
    value."""
    fields = line.split("\t") if "\t" in line else line.split(maxsplit=_FIELDS - 1)
    if len(fields) == _FIELDS - 1:
        fields.append("")
    if len(fields) != _FIELDS:
        raise ValueError(f"It has {len(fields)} fields instead of seven.")
    return fields


def _boolean(word: str) -> bool:
    try:
        return _BOOLEANS[word.strip().upper()]
    except KeyError:
        raise ValueError("Its second and fourth field must be TRUE or FALSE.") from None


def expiry(text: str | float) -> int | None:
    """Return the Unix time of an exporter's expiry; None with the session: nothing, 0, less, or the
    word. Raises ValueError with a sentence."""
    if isinstance(text, str) and text.strip().lower() in ("", "session"):
        return None
    try:
        moment = float(text)
    except ValueError:
        moment = math.nan
    if not math.isfinite(moment):
        raise ValueError("Its expiry is not a number.")
    if moment >= _SINCE_1601:
        moment = moment / 10**6 - _FROM_1601_TO_1970
    elif moment >= _MICROSECONDS:
        moment /= 10**6
    elif moment >= _MILLISECONDS:
        moment /= 1000
    return max(int(moment), 0) or None


def unexpired(cookies: Iterable[Cookie], now: float | None = None) -> tuple[Cookie, ...]:
    moment = time.time() if now is None else now
    return tuple(one for one in cookies if one.expires is None or one.expires > moment)
