"""Text of the environment into values. Pure; each raises ``ValueError`` with what it wants.

The message completes a sentence that starts with the variable's name: "must be ...".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")

_UNITS = {
    "": 1,
    "b": 1,
    "kb": 10**3,
    "mb": 10**6,
    "gb": 10**9,
    "tb": 10**12,
    "kib": 2**10,
    "mib": 2**20,
    "gib": 2**30,
    "tib": 2**40,
}
_SECONDS = {"": 1, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
_QUANTITY = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]*)")
_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}


def boolean(text: str) -> bool:
    word = text.lower()
    if word not in _TRUE | _FALSE:
        raise ValueError("must be true or false")
    return word in _TRUE


def whole_number(least: int, most: int | None = None) -> Callable[[str], int]:
    """A parser for whole numbers in a range, both ends included."""
    wanted = f"of {least} or more" if most is None else f"from {least} to {most}"

    def parse(text: str) -> int:
        if not re.fullmatch(r"[+-]?\d{1,18}", text):
            raise ValueError(f"must be a whole number {wanted}")
        number = int(text)
        if number < least or (most is not None and number > most):
            raise ValueError(f"must be a whole number {wanted}")
        return number

    return parse


def byte_size(least: int = 0) -> Callable[[str], int]:
    """A parser for sizes: plain bytes, or with a unit ("500 MB", "1GiB"; "/s" is let pass)."""

    def parse(text: str) -> int:
        match = _QUANTITY.fullmatch(text.lower().removesuffix("/s").strip())
        if match is None or match[2] not in _UNITS:
            raise ValueError('must be a size such as 1073741824, "1 GiB" or "500 MB"')
        size = int(float(match[1]) * _UNITS[match[2]]) if match[2] else _bytes(match[1])
        if size < least:
            raise ValueError(f"must be a size of at least {least} bytes")
        return size

    return parse


def _bytes(text: str) -> int:
    if not text.isdecimal():
        raise ValueError('must be a size such as 1073741824, "1 GiB" or "500 MB"')
    return int(text)


def duration(text: str) -> float:
    """Seconds, or a number with s, m, h or d."""
    match = _QUANTITY.fullmatch(text.lower())
    if match is None or match[2] not in _SECONDS or float(match[1]) <= 0:
        raise ValueError('must be a time such as 43200 (seconds), "90m" or "12h"')
    return float(match[1]) * _SECONDS[match[2]]


def optional(parse: Callable[[str], T], *words: str) -> Callable[[str], T | None]:
    """The same parser, where each of these words says "none"."""
    return lambda text: None if text.lower() in words else parse(text)


def choice(*allowed: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text.lower() not in allowed:
            raise ValueError(f"must be {' or '.join(allowed)}")
        return text.lower()

    return parse


def words(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def host_names(text: str) -> tuple[str, ...]:
    hosts = words(text)
    for host in hosts:
        if "/" in host or " " in host:
            raise ValueError(
                "must be host names with commas between them, such as ferry.example.org"
            )
    return hosts


def origins(text: str) -> tuple[str, ...]:
    """Origins (RFC 6454): scheme, host and port, nothing after them."""
    values = words(text)
    for value in values:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/"):
            raise ValueError(
                "must be origins with commas between them, such as https://ferry.example.org"
            )
    return tuple(value.rstrip("/") for value in values)


def origins_or_any(text: str) -> tuple[str, ...]:
    return ("*",) if text == "*" else origins(text)


def address(*schemes: str) -> Callable[[str], str]:
    """A parser for URLs of these schemes. Its message never quotes a password."""
    wanted = " or ".join(f"{scheme}://..." for scheme in schemes)

    def parse(text: str) -> str:
        try:
            parts = urlsplit(text)
            usable = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable = False
        if not usable:
            raise ValueError(f"must be an address such as {wanted}")
        return text

    return parse


def choice_of_scheme(*schemes: str) -> Callable[[str], str]:
    """A parser for database URLs; dj-database-url takes them apart later."""

    def parse(text: str) -> str:
        parts = urlsplit(text)
        if parts.scheme not in schemes or not parts.path.strip("/"):
            raise ValueError(
                "must be postgres://user:password@host:5432/name or sqlite:////folder/file"
            )
        return text

    return parse


def listen_host(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.:_-]+", text):
        raise ValueError("must be an address to listen on, such as 127.0.0.1 or 0.0.0.0")
    return text


def user_name(text: str) -> str:
    """As Django's own forms take one: with another the first admin could not be edited."""
    if not re.fullmatch(r"[\w.@+-]{1,150}", text):
        raise ValueError("must be up to 150 letters, digits and @ . + - _")
    return text


def email(text: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", text):
        raise ValueError("must be an address such as admin@example.org")
    return text
