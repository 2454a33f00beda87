"""The expiry of a signed link, by its signature. Pure."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qsl, urlsplit

# Unix time in seconds or milliseconds: S3 (v2), CloudFront, BunnyCDN, nginx's secure_link,
# googlevideo, Azure's and others' short names.
_MOMENTS: Final = (
    "expires", "expire", "exp", "e", "expiry", "x-expires", "validto", "valid_until", "expires_at",
    "wstime", "deadline", "token_expires", "urlexpires",
)  # fmt: skip
_SIGNED_FOR: Final = (("x-amz-date", "x-amz-expires"), ("x-goog-date", "x-goog-expires"))
_DATED: Final = ("se", "expires")  # Azure's SAS: ISO 8601
# Akamai's tokens, in the query or in the path: "exp=1700000000~acl=/*~hmac=..."
_TOKEN: Final = re.compile(r"(?:^|[/~=?&_-])exp=(\d{10})(?:~|$|[/&])")
_IN_PATH: Final = re.compile(r"/expires?[/=](\d{10})(?:/|$)")
_JSON_TOKEN: Final = re.compile(r"ey[\w-]{8,}\.(ey[\w-]{8,})\.[\w-]*")
_LEADING: Final = re.compile(r"(\d{10})-[\w+/=-]+")  # Alibaba's auth_key, Cloudflare's verify
_EARLIEST, _LATEST = 946_684_800, 4_102_444_800  # the years 2000 to 2100


def has_expired(url: str, now: float | None = None) -> bool:
    """Return if a signature in ``url`` names a moment that has passed; ``now`` is Unix time."""
    moment = expiry(url)
    return moment is not None and moment <= (time.time() if now is None else now)


def expiry(url: str) -> float | None:
    """Return the earliest moment (Unix time) that the URL names as its end; None if it names
    none."""
    try:
        parts = urlsplit(url)
        query = {name.lower(): value for name, value in parse_qsl(parts.query)[:200]}
    except ValueError:
        return None
    found = [*_of_query(query), *_of_path(parts.path)]
    return min((moment for moment in found if _EARLIEST <= moment < _LATEST), default=None)


def _of_query(query: dict[str, str]) -> Iterator[float]:
    for begin, lasting in _SIGNED_FOR:
        began, seconds = _iso(query.get(begin, "")), _number(query.get(lasting, ""))
        if began is not None and seconds is not None:
            yield began + seconds
    for name in _MOMENTS:
        moment = _number(query.get(name, ""))
        if moment is not None:
            yield moment / 1000 if moment > 100_000_000_000 else moment
    if "sig" in query or "signature" in query:
        for name in _DATED:
            dated = _iso(query.get(name, ""))
            if dated is not None:
                yield dated
    for value in query.values():
        yield from _of_value(value)


def _of_value(value: str) -> Iterator[float]:
    if token := _TOKEN.search(value):
        yield float(token[1])
    elif leading := _LEADING.fullmatch(value):
        yield float(leading[1])
    elif token := _JSON_TOKEN.fullmatch(value):
        yield from _epochs(token[1], "exp")
    elif value.startswith("ey"):
        yield from _epochs(value, "AWS:EpochTime")  # CloudFront's Policy


def _of_path(path: str) -> Iterator[float]:
    for form in (_TOKEN, _IN_PATH):
        if found := form.search(path):
            yield float(found[1])


def _epochs(encoded: str, name: str) -> Iterator[float]:
    """Yield the numbers called ``name`` in base64 of JSON; CloudFront writes ``-_~`` for
    ``+=/``."""
    text = encoded.replace("~", "/").replace("_", "=" if name != "exp" else "/")
    text = text.replace("-", "+").rstrip("=")
    try:
        plain = base64.b64decode(text + "=" * (-len(text) % 4)).decode()
        json.loads(plain)
    except ValueError:
        return
    for number in re.findall(rf'"{re.escape(name)}"\s*:\s*(\d{{1,15}})', plain):
        yield float(number)


def _iso(text: str) -> float | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _number(text: str) -> float | None:
    return float(text) if text.isascii() and text.isdigit() and len(text) <= 15 else None
