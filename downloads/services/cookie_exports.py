"""Cookies in the JSON that browsers' extensions and test drivers export. Pure.

EditThisCookie and Cookie-Editor write a list with ``expirationDate``; Playwright and Puppeteer
write ``expires`` (-1 with the session), Selenium ``expiry``; Cookie Quick Manager spells ``Host
raw``, ``Content raw`` and its booleans as words; some wrap the list in an object, and some write no
more than names with their values.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from downloads.engine.egress.cookies import Cookie, Skipped, expiry

_SPELLINGS: Final = {
    "name": ("name", "Name raw"),
    "value": ("value", "Content raw"),
    "domain": ("domain", "host", "Host raw", "url"),
    "path": ("path", "Path raw"),
    "secure": ("secure", "isSecure", "Send for raw"),
    "http_only": ("httpOnly", "isHttpOnly", "HTTP only raw"),
    "host_only": ("hostOnly", "This domain only raw"),
    "expires": ("expirationDate", "expires", "expiry", "Expires raw"),
}
_Read = tuple[tuple[Cookie, ...], tuple[Skipped, ...]]


class NotAnExport(ValueError):
    """The text is no JSON, or holds no list of cookies."""


def read_export(text: str) -> _Read | dict[str, str]:
    """Return the cookies and the invalid entries; or values by name, if the export has nothing else
    of them. Raises NotAnExport."""
    try:
        data: Any = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        raise NotAnExport from None
    if isinstance(data, dict):
        if data and all(isinstance(value, str) for value in data.values()):
            return data
        data = data.get("cookies") or data.get("data")
    if isinstance(data, dict):  # by their sites
        data = [entry for entries in data.values() for entry in _listed(entries)]
    if not isinstance(data, list) or not data:
        raise NotAnExport
    found, skipped = [], []
    for number, entry in enumerate(data, start=1):
        try:
            found.append(_cookie(entry))
        except ValueError as error:
            skipped.append(Skipped(f"Entry {number}", str(error)))
    return tuple(found), tuple(skipped)


def _listed(entries: Any) -> list[Any]:
    return entries if isinstance(entries, list) else [entries]


def _cookie(entry: Any) -> Cookie:
    """Parse one entry. Raises ValueError with a sentence."""
    if not isinstance(entry, dict):
        raise ValueError("It is not an object.")
    domain = _text(entry, "domain").lower()
    domain = (urlsplit(domain).hostname or "") if "://" in domain else domain
    host_only = _first(entry, "host_only")
    return Cookie(
        domain=domain.removeprefix("."),
        name=_text(entry, "name"),
        value=_text(entry, "value"),
        host_only=not domain.startswith(".") if host_only is None else _boolean(host_only),
        path=_text(entry, "path", "/") or "/",
        secure=_boolean(_first(entry, "secure")),
        http_only=_boolean(_first(entry, "http_only")),
        expires=_expires(_first(entry, "expires")),
    )


def _first(entry: Mapping[str, Any], field: str) -> Any:
    return next((entry[name] for name in _SPELLINGS[field] if entry.get(name) is not None), None)


def _text(entry: Mapping[str, Any], field: str, default: str | None = None) -> str:
    """Return a field as text; exporters write some numbers without quotes. Raises ValueError."""
    found = _first(entry, field)
    if found is None and default is not None:
        return default
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        raise ValueError(f"Its {field} is not text.")
    return str(found)


def _boolean(value: Any) -> bool:
    return value.strip().lower() in ("true", "1") if isinstance(value, str) else bool(value)


def _expires(value: Any) -> int | None:
    """Return the expiry; a date must be ISO 8601. Raises ValueError with a sentence."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, str) and re.match(r"\d{4}-\d", value):
        try:
            return int(dt.datetime.fromisoformat(value).timestamp())
        except (ValueError, OverflowError):
            raise ValueError("Its expiry is not a date.") from None
    if not isinstance(value, int | float | str):
        raise ValueError("Its expiry is not a number.")
    return expiry(value)
