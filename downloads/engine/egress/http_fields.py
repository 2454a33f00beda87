"""The meaning of an answer's status and headers (RFC 9110). Pure; strict if bytes depend on it."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from downloads.engine.core.errors import (
    BadResponse,
    DownloadError,
    GeoBlocked,
    LoginRequired,
    NetworkError,
    RateLimited,
    SourceChanged,
    Unavailable,
)

MAX_RETRY_AFTER = 3600.0
_MAX_SIZE = 2**63 - 1
_LENGTH = re.compile(r"[+\"']?(\d{1,19})(?:\.0*)?[\"']?(?:\s*;.*|\s*[A-Za-z]+|\s+\1)?", re.ASCII)
_RANGE = re.compile(r"bytes[ \t]+(\d{1,19})-(\d{1,19})/(\d{1,19}|\*)", re.ASCII | re.IGNORECASE)
_UNSATISFIED = re.compile(r"bytes[ \t]+\*/(\d{1,19})", re.ASCII | re.IGNORECASE)
_LEGAL = (
    "The site may not provide this for legal reasons (HTTP 451). Look for it elsewhere, or "
    "fetch it from another country."
)
_REFUSALS = {
    403: "The site refused access (HTTP 403). It may need your cookies, or the link may have "
    "expired: open the page that it came from and copy it again.",
    404: "Not found on the site (HTTP 404). Check the link, then retry.",
    410: "Removed from the site (HTTP 410). Look for another link to it.",
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_IMF_FIXDATE = re.compile(
    rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d\d) ({'|'.join(_MONTHS)}) ([1-9]\d{{3}}) "
    r"(\d\d):(\d\d):(\d\d) GMT",
    re.ASCII,
)
_STRONG_ETAG = re.compile(r'"[\x21\x23-\x7e\x80-\xff]{0,1022}"')


@dataclass(frozen=True, slots=True)
class ContentRange:
    """Bytes ``start`` up to and without ``end``; ``total`` is None if the source wrote ``*``."""

    start: int
    end: int
    total: int | None

    @property
    def length(self) -> int:
        return self.end - self.start


def parse_content_range(value: str) -> ContentRange | None:
    """Return one sane, satisfied byte range (RFC 9110, section 14.4), or None."""
    match = _RANGE.fullmatch(value.strip())
    if match is None:
        return None
    first, last = int(match[1]), int(match[2])
    total = None if match[3] == "*" else int(match[3])
    if last < first or last > _MAX_SIZE or (total is not None and last >= total):
        return None
    return ContentRange(first, last + 1, total)


def parse_unsatisfied(value: str) -> int | None:
    """Return the total size that a 416 gives in ``Content-Range: bytes */1234``."""
    match = _UNSATISFIED.fullmatch(value.strip())
    return int(match[1]) if match else None


@dataclass(frozen=True, slots=True)
class ContentLength:
    """A parsed Content-Length. ``length``: None if there is none. ``odd``: it deviates from RFC
    9110."""

    length: int | None
    odd: bool = False


def parse_content_length(values: list[str]) -> ContentLength:
    """Return the length (RFC 9110, section 8.6): digits; repeated only if equal. Raises
    BadResponse.

    Invalid ones are read as in curl and Chromium: digits with something around them are that
    number, and words are no length at all.
    """
    parts = [part.strip(" \t\v") for value in values for part in value.split(",")]
    found = {_length(part) for part in parts if part}
    if len(found) > 1 or (-1 in found):
        raise contradictory(f"Content-Length {', '.join(values)[:60]!r}")
    length = found.pop() if found else None
    return ContentLength(length, odd=any(not part.isdigit() for part in parts))


def _length(text: str) -> int | None:
    """Return the number, None for none, -1 for text that could be two numbers."""
    match = _LENGTH.fullmatch(text)
    if match is None:
        return -1 if any(map(str.isdigit, text)) else None
    return int(match[1]) if int(match[1]) <= _MAX_SIZE else -1


def contradictory(detail: str) -> BadResponse:
    """Return the error for an answer whose end is uncertain."""
    return BadResponse(
        detail,
        message="The site contradicts itself about the size of the file, so its end cannot "
        "be told. Retry later, or tell the site's owner.",
    )


def strong_etag(value: str | None) -> str | None:
    """Return the ETag with its quotes if it is a strong one (RFC 9110, section 8.8.3), or None."""
    value = (value or "").strip()
    return value if _STRONG_ETAG.fullmatch(value) else None


def http_date(value: str | None) -> str | None:
    """Return ``value`` as it was sent if it is a date, or None."""
    value = (value or "").strip()
    if len(value) > 64 or not (value.isascii() and value.isprintable()):
        return None
    try:
        _moment(value)
    except (ValueError, OverflowError):
        return None
    return value


def _moment(value: str) -> datetime:
    """Return the moment of a date (RFC 9110, section 5.6.7). Raises ValueError, OverflowError."""
    if usual := _IMF_FIXDATE.fullmatch(value):
        day, year, hour, minute, second = map(int, usual.group(1, 3, 4, 5, 6))
        month = _MONTHS.index(usual[2]) + 1
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    from email.utils import parsedate_to_datetime  # a dozen modules, for what hardly a source sends

    return parsedate_to_datetime(value)


def retry_after(value: str | None, *, now: float | None = None) -> float | None:
    """Return the seconds to wait by a Retry-After header (RFC 9110, section 10.2.3), an hour at
    most."""
    value = (value or "").strip()
    if not value:
        return None
    if value.isascii() and value.isdigit():
        seconds = float(value[:12])
    else:
        try:
            moment = _moment(value).timestamp()
        except (ValueError, OverflowError):
            return None
        seconds = moment - (time.time() if now is None else now)
    return min(max(seconds, 0.0), MAX_RETRY_AFTER)


def error_for_status(
    status: int, headers: Mapping[str, str], *, host: str = "", now: float | None = None
) -> DownloadError | None:
    """Return the error that a status stands for; None if the answer can be used: a 206, and any
    other success that has a body, which is as good as a 200 (RFC 9110, section 15; fetch's ``ok``).

    ``host`` appears in the detail. ``now`` is Unix time, for a Retry-After that is a date.
    ``headers`` finds names in the case of ``Retry-After``.
    """
    detail = f"HTTP {status} from {host}" if host else f"HTTP {status}"
    wait = retry_after(headers.get("Retry-After"), now=now)
    if status in (204, 205):
        return BadResponse(
            detail, message=f"The site has nothing to send (HTTP {status}). Retry later."
        )
    if 200 <= status < 300:
        return None
    if status in (401, 407):
        return LoginRequired(detail)
    if status == 451:
        return GeoBlocked(detail, message=_LEGAL)
    if status in (429, 509) or (status == 503 and wait is not None):
        return RateLimited(detail, retry_after=wait)
    if status in (408, 504):
        return NetworkError(
            detail, message="The site took too long to answer. Retry later.", retry_after=wait
        )
    if status in (412, 416):
        return SourceChanged(detail)
    if status in _REFUSALS:
        return Unavailable(detail, message=_REFUSALS[status])
    if 400 <= status < 500 and status not in (423, 425):
        return Unavailable(
            detail,
            message=f"The site refuses this request (HTTP {status}). Check the link, then retry.",
        )
    return BadResponse(
        detail,
        message=f"The site answered with an error (HTTP {status}). Retry later.",
        retry_after=wait,
    )
