"""Cookies as the Netscape text that browsers' exports, curl and yt-dlp share.

One line each, seven fields between tabs: domain, whether hosts below it get it too, path,
whether only https, expiry in Unix time (0: with the session), name, value. A line that begins
with ``#HttpOnly_`` is one as well; other ``#`` lines are remarks. Exporters differ in the rest:
what curl's ``Curl_cookie_add`` and yt-dlp read is read here too, and a line that is no cookie
is skipped, as curl does, and named.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from downloads.engine.egress.target import parse

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
# Beyond these, a number of seconds is none: milliseconds, microseconds, and microseconds of
# Windows' calendar, which Chromium's own database counts in.
_MILLISECONDS, _MICROSECONDS, _SINCE_1601 = 10**12, 10**15, 10**16
_FROM_1601_TO_1970: Final = 11_644_473_600  # seconds


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
            raise ValueError("The value or the path holds characters that cannot be sent.")
        if not self.path.startswith("/"):
            raise ValueError("The path does not begin with a slash.")

    def line(self) -> str:
        """Netscape's, without the end of the line."""
        mark = _HTTP_ONLY if self.http_only else ""
        shown = self.domain if self.host_only else f".{self.domain}"
        flags = ["FALSE" if self.host_only else "TRUE", self.path, str(self.secure).upper()]
        fields = [mark + shown, *flags, str(self.expires or 0), self.name, self.value]
        return "\t".join(fields)


def dump(cookies: Iterable[Cookie]) -> str:
    return "\n".join([HEADING, *(cookie.line() for cookie in cookies), ""])


@dataclass(frozen=True, slots=True)
class Skipped:
    """What of a text is no cookie: ``place`` is ``Line 3``, ``reason`` a sentence. Neither tells
    anything of what is in it."""

    place: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place} is not a cookie: {self.reason[:1].lower()}{self.reason[1:]}"


def load(text: str) -> tuple[Cookie, ...]:
    """Return the cookies of a Netscape text, without the lines that are none.

    Raises ValueError with a sentence where no line is one, or they are too many.
    """
    found, skipped = load_lines(text)
    if skipped and not found:
        raise ValueError(str(skipped[0]))
    return found


def load_lines(text: str) -> tuple[tuple[Cookie, ...], tuple[Skipped, ...]]:
    """Return the cookies of a Netscape text, and the lines that are none.

    Raises ValueError with a sentence where it is too large or holds too many.
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
    """Files of old Macs have no line feed at all; a byte order mark stands before the first."""
    text = text.removeprefix("\ufeff")
    lines = _LINE_END.split(text) if "\n" in text else text.split("\r")
    return [line.lstrip(" \ufeff") for line in lines]


def _cookie(line: str) -> Cookie:
    """Raises ValueError with a sentence."""
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
    """Editors and chats make blanks of tabs, and cut an empty value off with the line's end."""
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
        raise ValueError("Its second and fourth field are TRUE or FALSE.") from None


def expiry(said: str | float) -> int | None:
    """Return the Unix time that an exporter means; None with the session: nothing, 0, less, or
    the word. Raises ValueError with a sentence."""
    if isinstance(said, str) and said.strip().lower() in ("", "session"):
        return None
    try:
        moment = float(said)
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


class Jar:
    """The cookies of a Netscape text, as a browser that has them sends them."""

    def __init__(self, text: str) -> None:
        """Raises ValueError as :func:`load`."""
        from downloads.engine.egress.cookie_jar import CookieJar  # which imports this module

        self._jar = CookieJar(load(text))

    def header(self, url: str) -> str:
        """Return the value of the Cookie header for this URL; empty for none."""
        return self._jar.cookies_for(parse(url)).given


def unexpired(cookies: Iterable[Cookie], now: float | None = None) -> tuple[Cookie, ...]:
    moment = time.time() if now is None else now
    return tuple(one for one in cookies if one.expires is None or one.expires > moment)
