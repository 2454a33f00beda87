"""The admin's rules for source hosts: headers for them, and the proxy that leads there.

One rule applies to a host: its own, else the one with the longest pattern. Its headers go to that
host alone; a redirect elsewhere is judged again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from downloads.engine.core.errors import DownloadError, InternalError
from downloads.engine.egress.target import parse

HeaderList = tuple[tuple[str, str], ...]

MAX_HEADERS = 20
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")  # a token (RFC 9110, section 5.6.2)
_VALUE = re.compile(r"[\x20-\x7e\xa0-\xff]{1,4000}")
# Set by the client itself: framing, the range, the host, and the hop.
_OURS = frozenset(
    {"accept-encoding", "connection", "content-length", "expect", "host", "if-range",
     "keep-alive", "proxy-authorization", "proxy-connection", "range", "te", "trailer",
     "transfer-encoding", "upgrade"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Upstream:
    """An HTTP proxy that the admin trusts. ``credentials`` is ``name:password``."""

    host: str
    port: int
    credentials: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, url: str) -> Upstream:
        """Parse ``http://[name:password@]host[:port]``. Raises ValueError with a sentence."""
        try:
            target = parse(url.strip())
        except DownloadError:
            raise ValueError("Write a proxy like http://name:password@host:3128.") from None
        if target.scheme != "http":
            raise ValueError("The proxy itself must use http. Write http://host:3128.")
        if target.path != "/":
            raise ValueError("A proxy has no path. Write http://host:3128.")
        return cls(target.host, target.port, target.credentials)

    @property
    def shown(self) -> str:
        """Return the proxy's address without the credentials."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class RequestRule:
    """The settings for one host pattern. ``unreadable``: they were encrypted with another key."""

    pattern: str
    headers: HeaderList = field(default=(), repr=False)
    proxy: Upstream | None = None
    unreadable: bool = False


NO_RULE = RequestRule("")


@dataclass(frozen=True, slots=True)
class RequestRules:
    """The rules of all hosts."""

    rules: tuple[RequestRule, ...] = ()

    def of(self, host: str) -> RequestRule:
        """Return the rule of this host. Raises InternalError if it cannot be read: going without
        its proxy would reveal this server to the source."""
        pattern = most_specific((rule.pattern for rule in self.rules), host)
        rule = next((rule for rule in self.rules if rule.pattern == pattern), NO_RULE)
        if rule.unreadable:
            raise InternalError(
                f"the rule for {rule.pattern} was encrypted with another SECRET_KEY",
                message="The server's settings for this site can no longer be read. "
                "Ask an administrator to enter them again.",
            )
        return rule


NO_RULES = RequestRules()


def most_specific(patterns: Iterable[str], host: str) -> str | None:
    """Return the pattern that applies to this host; None if there is none."""
    found = [pattern for pattern in patterns if _covers(pattern, host)]
    return max(found, key=lambda pattern: (not pattern.startswith("*"), len(pattern)), default=None)


def _covers(pattern: str, host: str) -> bool:
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern


def parse_pattern(text: str) -> str:
    """Return ``example.com`` or ``*.example.com``, in one form. Raises ValueError with a
    sentence."""
    text = text.strip()
    star, host = ("*.", text[2:]) if text.startswith("*.") else ("", text)
    try:
        target = parse(f"http://{host}/")
    except DownloadError:
        target = None
    plain = target is not None and target.path == "/" and target.port == 80
    if target is None or not plain or target.credentials or (star and ":" in target.host):
        raise ValueError("Write a host like example.com, or *.example.com for all below it.")
    return star + target.host


def parse_headers(text: str) -> HeaderList:
    """Parse lines of ``Name: value``. Raises ValueError with a sentence that holds no value."""
    headers = tuple(_header(line) for line in text.splitlines() if line.strip())
    names = [name.lower() for name, _ in headers]
    if len(headers) > MAX_HEADERS:
        raise ValueError(f"Set at most {MAX_HEADERS} headers.")
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"{min(twice)} is set twice. Set it once.")
    return headers


def _header(line: str) -> tuple[str, str]:
    name, colon, value = (part.strip() for part in line.partition(":"))
    if not colon or not _NAME.fullmatch(name):
        raise ValueError("Write one header a line, like Referer: https://example.com/.")
    if name.lower() in _OURS:
        raise ValueError(f"Ferry sets {name} itself. Leave it out.")
    if not _VALUE.fullmatch(value):
        raise ValueError(f"The value of {name} is empty, too long, or cannot be sent.")
    return name, value


def overlaid(headers: HeaderList, rule: HeaderList) -> HeaderList:
    """Return ``headers`` with the rule's in place of those of the same name."""
    set_ = {name.lower() for name, _ in rule}
    return (*(item for item in headers if item[0].lower() not in set_), *rule)
