"""A Set-Cookie header, taken apart (RFC 6265bis, section 5.6). Pure.

Text is Latin-1, a character a byte, as ``head`` reads it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from downloads.engine.egress.cookie_dates import parse_cookie_date

_LONGEST: Final = 4096  # bytes of name and value together
_LONGEST_ATTRIBUTE: Final = 1024
_LONGEST_LIFE: Final = 400 * 24 * 3600  # seconds
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_MAX_AGE = re.compile(r"-?\d+", re.ASCII)


@dataclass(frozen=True, slots=True)
class SetCookie:
    """A parsed Set-Cookie. ``domain`` in lower case, without a dot in front; empty: for the host
    alone. ``path`` is empty if it is not given. ``expires`` in Unix time, None with the session."""

    name: str
    value: str = field(repr=False)
    domain: str = ""
    path: str = ""
    secure: bool = False
    expires: float | None = None


def parse_set_cookie(text: str, now: float) -> SetCookie | None:
    """Return the cookie, or None if no browser takes it. ``now`` in Unix time.

    SameSite and HttpOnly are ignored: a fetch is its user's own navigation, and runs no script.
    """
    if _CONTROL.search(text):
        return None
    pair, *rest = text.split(";")
    name, value = _split(pair)
    if not (name or value) or len(name) + len(value) > _LONGEST:
        return None
    given: dict[str, str] = {}
    for part in rest:
        key, _, setting = part.partition("=")
        setting = setting.strip(" \t")
        if len(setting) <= _LONGEST_ATTRIBUTE:
            _take(given, key.strip(" \t").lower(), setting)
    cookie = SetCookie(
        name,
        value,
        given.get("domain", "").removeprefix(".").lower(),
        given.get("path", ""),
        "secure" in given,
        _expires(given, now),
    )
    return cookie if _keeps_its_prefix(cookie) else None


def _split(pair: str) -> tuple[str, str]:
    """Return name and value; without a ``=`` it is a value without a name."""
    name, equals, value = pair.partition("=")
    return (name.strip(" \t"), value.strip(" \t")) if equals else ("", pair.strip(" \t"))


def _take(attributes: dict[str, str], key: str, setting: str) -> None:
    """Keep an attribute: the last one counts; an invalid one counts as missing."""
    if key == "max-age" and not _MAX_AGE.fullmatch(setting):
        return
    if key == "expires" and parse_cookie_date(setting) is None:
        return
    attributes[key] = setting if key != "path" or setting.startswith("/") else ""


def _expires(attributes: dict[str, str], now: float) -> float | None:
    """Return the expiry; Max-Age comes before Expires."""
    if "max-age" in attributes:
        life = int(attributes["max-age"])
        return now + min(life, _LONGEST_LIFE) if life > 0 else 0.0
    moment = parse_cookie_date(attributes["expires"]) if "expires" in attributes else None
    return None if moment is None else min(moment, now + _LONGEST_LIFE)


def _keeps_its_prefix(cookie: SetCookie) -> bool:
    """Return if the cookie keeps the promises of its name's prefix (RFC 6265bis, section 4.1.3), in
    any case; a value without a name may not pass for one."""
    shown = (cookie.name or cookie.value).lower()
    if not shown.startswith(("__secure-", "__host-")):
        return True
    if not cookie.name or not cookie.secure:
        return False
    return shown.startswith("__secure-") or (not cookie.domain and cookie.path == "/")
