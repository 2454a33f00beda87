"""Types of values that the environment holds as text. Pure.

Parsing raises ``ValueError`` with what is expected: its message completes a sentence that starts
with the variable's name, "must be ...".
"""

from __future__ import annotations

import grp
import ipaddress
import json
import os
import re
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


Address = ipaddress.IPv4Address | ipaddress.IPv6Address
UNIX = "unix"


@dataclass(frozen=True, slots=True)
class TrustedProxies:
    """The peers whose word of a client's address counts. ``unix``: those at the Unix socket, which
    have no address."""

    networks: tuple[Network, ...] = ()
    unix: bool = False

    def __bool__(self) -> bool:
        return bool(self.networks) or self.unix

    def __contains__(self, peer: Address | None) -> bool:
        if peer is None:
            return self.unix
        return any(peer in network for network in self.networks)


class ValueType(Generic[T]):
    """A type of value: called with the text it returns the value, or raises ValueError.

    ``words`` is its name in the reference, ``unit`` the unit of the value.
    """

    __slots__ = ("parse", "unit", "words")

    def __init__(self, words: str, parse: Callable[[str], T], unit: str = "") -> None:
        self.words = words
        self.parse = parse
        self.unit = unit

    def __call__(self, text: str) -> T:
        return self.parse(text)


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


def _time_zone(text: str) -> str:
    """Return a name of the IANA database; also for a file of it, as TZ may name one (tzset(3))."""
    name = text.removeprefix(":")
    if name.startswith("/"):
        name = os.path.realpath(name).rpartition("/zoneinfo/")[2]
    try:
        return zoneinfo.ZoneInfo(name).key
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("must be a time zone, such as Europe/Berlin") from None


def _boolean(text: str) -> bool:
    word = text.lower()
    if word not in _TRUE | _FALSE:
        raise ValueError("must be true or false")
    return word in _TRUE


def whole_number(least: int, most: int | None = None, unit: str = "") -> ValueType[int]:
    """Return the type of whole numbers in a range, both ends included."""
    span = f"of {least} or more" if most is None else f"from {least} to {most}"

    def parse(text: str) -> int:
        if not re.fullmatch(r"[+-]?\d{1,18}", text):
            raise ValueError(f"must be a whole number {span}")
        number = int(text)
        if number < least or (most is not None and number > most):
            raise ValueError(f"must be a whole number {span}")
        return number

    return ValueType(f"whole number {span}", parse, unit)


def byte_size(least: int = 0) -> ValueType[int]:
    """Return the type of sizes: plain bytes, or with a unit ("500 MB", "1GiB", "1 MiB/s")."""

    def parse(text: str) -> int:
        match = _QUANTITY.fullmatch(text.lower().removesuffix("/s").strip())
        if match is None or match[2] not in _UNITS:
            raise ValueError('must be a size such as 1073741824, "1 GiB" or "500 MB"')
        size = int(float(match[1]) * _UNITS[match[2]]) if match[2] else _bytes(match[1])
        if size < least:
            raise ValueError(f"must be a size of at least {least} bytes")
        return size

    return ValueType("size", parse, "bytes")


def _bytes(text: str) -> int:
    if not text.isdecimal():
        raise ValueError('must be a size such as 1073741824, "1 GiB" or "500 MB"')
    return int(text)


def _seconds(text: str) -> float:
    match = _QUANTITY.fullmatch(text.lower())
    if match is None or match[2] not in _SECONDS or float(match[1]) <= 0:
        raise ValueError('must be a time such as 43200 (seconds), "90m" or "12h"')
    return float(match[1]) * _SECONDS[match[2]]


def optional(of: ValueType[T], word: str) -> ValueType[T | None]:
    """Return the same type with a word for "none"."""
    return ValueType(
        f"{of.words}, or {word}",
        lambda text: None if text.lower() == word else of.parse(text),
        of.unit,
    )


def or_empty(of: ValueType[str]) -> ValueType[str]:
    """Return the same type of text, which may also be empty."""
    return ValueType(of.words, lambda text: of.parse(text) if text else "", of.unit)


def or_none(of: ValueType[T]) -> ValueType[T | None]:
    """Return the same type, in which empty text means "not set"."""
    return ValueType(of.words, lambda text: of.parse(text) if text else None, of.unit)


def choice(*allowed: str) -> ValueType[str]:
    """Return the type of words of a list, in any case; the value is in lower case."""
    listed = " or ".join(allowed)

    def parse(text: str) -> str:
        if text.lower() not in allowed:
            raise ValueError(f"must be {listed}")
        return text.lower()

    return ValueType(listed, parse)


def _words(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _host_names(text: str) -> tuple[str, ...]:
    hosts = tuple(map(_host_name, _words(text)))
    for host in hosts:
        if "/" in host or " " in host:
            raise ValueError(
                "must be host names with commas between them, such as ferry.example.org"
            )
    return hosts


def _host_name(text: str) -> str:
    """Return the name as it stands in a Host header: an IPv6 address in brackets."""
    try:
        return f"[{ipaddress.IPv6Address(text)}]"
    except ValueError:
        return text


def _origins(text: str) -> tuple[str, ...]:
    values = _words(text)
    for value in values:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/"):
            raise ValueError(
                "must be origins with commas between them, such as https://ferry.example.org"
            )
    return tuple(value.rstrip("/") for value in values)


def address(*schemes: str) -> ValueType[str]:
    """Return the type of URLs of these schemes. Its message never quotes a password."""
    listed = " or ".join(f"{scheme}://..." for scheme in schemes)

    def parse(text: str) -> str:
        try:
            parts = urlsplit(text)
            usable = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable = False
        if not usable:
            raise ValueError(f"must be an address such as {listed}")
        return text

    return ValueType(listed, parse)


def choice_of_scheme(*schemes: str) -> ValueType[str]:
    """Return the type of database URLs; dj-database-url takes them apart later."""

    def parse(text: str) -> str:
        parts = urlsplit(text)
        if parts.scheme not in schemes or not parts.path.strip("/"):
            raise ValueError(
                "must be postgres://user:password@host:5432/name or sqlite:////folder/file"
            )
        return text

    return ValueType("address of a database", parse)


def _networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(word) for word in _words(text))
    except ValueError:
        raise ValueError(
            "must be addresses or networks with commas between them, such as 10.0.0.0/8"
        ) from None


def _trusted_proxies(text: str) -> TrustedProxies:
    words = _words(text)
    try:
        networks = _networks(",".join(word for word in words if word != UNIX))
    except ValueError as error:
        raise ValueError(f"{error}, or {UNIX}") from None
    return TrustedProxies(networks, UNIX in words)


def _socket_path(text: str) -> str:
    # a longer one fits no sockaddr_un (unix(7)); a colon would end it for Twisted
    if text and not re.fullmatch(r"/[A-Za-z0-9._/+~@-]{1,100}", text):
        raise ValueError("must be a path such as /run/ferry/web.sock, of 100 characters at most")
    return text


def _file_mode(text: str) -> int:
    if not re.fullmatch(r"0?[0-7]{3}", text):
        raise ValueError("must be a mode in octal, such as 660")
    return int(text, 8)


def _group(text: str) -> int | None:
    if not text:
        return None
    try:
        return int(text) if text.isdecimal() else grp.getgrnam(text).gr_gid
    except KeyError:
        raise ValueError("must be a group of this machine, by name or number") from None


def _listen_host(text: str) -> str:
    if text.startswith("[") and text.endswith("]"):  # as IPv6 addresses stand in URLs
        text = text[1:-1]
    if not re.fullmatch(r"[A-Za-z0-9.:_-]+", text):
        raise ValueError("must be an address to listen on, such as 127.0.0.1 or 0.0.0.0")
    return text


def _user_name(text: str) -> str:
    # as Django's own forms take one: with another the first admin could not be edited
    if not re.fullmatch(r"[\w.@+-]{1,150}", text):
        raise ValueError("must be up to 150 letters, digits and @ . + - _")
    return text


def _email(text: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", text):
        raise ValueError("must be an address such as admin@example.org")
    return text


def _sentry_dsn(text: str) -> str:
    # https://develop.sentry.dev/sdk/overview/#parsing-the-dsn
    parts = urlsplit(text)
    project = parts.path.rpartition("/")[2]
    if parts.scheme not in ("http", "https") or not parts.username or not project:
        raise ValueError("must be an address such as https://KEY@sentry.example.org/7")
    return text


def _json_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise ValueError('must be a JSON object such as {"name": "value"}')
    return value


text = ValueType("text", str)
secrets = ValueType("secrets, with commas", _words)
path = ValueType("path", str)
time_zone = ValueType("time zone", _time_zone)
boolean = ValueType("true or false", _boolean)
json_object = ValueType("JSON object", _json_object)
duration = ValueType("time", _seconds, "seconds")
host_names = ValueType("host names, with commas", _host_names)
origins = ValueType("origins, with commas", _origins)  # RFC 6454: scheme, host and port
origins_or_any = ValueType(
    "origins, with commas, or *", lambda value: ("*",) if value == "*" else _origins(value)
)
networks = ValueType("networks, with commas", _networks)
trusted_proxies = ValueType("networks or unix, with commas", _trusted_proxies)
socket_path = ValueType("path", _socket_path)
file_mode = ValueType("mode in octal", _file_mode)
group = ValueType("group", _group)
listen_host = ValueType("address of an interface", _listen_host)
user_name = ValueType("user name", _user_name)
email = ValueType("email address", _email)
sentry_dsn = ValueType("address", _sentry_dsn)
