"""The cookies of one fetch: a user's own, and those that its sources set.

Kept and sent by RFC 6265bis, sections 5.7 and 5.8. They live as long as the client that holds them,
and none of their values appears in a log or an error.
"""

from __future__ import annotations

import functools
import ipaddress
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from downloads.engine.egress.cookies import Cookie
from downloads.engine.egress.set_cookie import SetCookie, parse_set_cookie
from downloads.engine.egress.target import Target

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

_OF_ONE_ANSWER: Final = 200
_OF_ONE_DOMAIN: Final = 180  # as Chromium
_IN_ALL: Final = 1000
_SENT_AT_ONCE: Final = 64 * 1024  # bytes of one Cookie header


@dataclass(frozen=True, slots=True)
class StoredCookie:
    """A cookie in the jar. Text is Latin-1, a character a byte.

    ``order`` grows: the older cookie has the lower one. ``set_here``: a source set it in this
    fetch.
    """

    name: str
    value: str = field(repr=False)
    domain: str
    host_only: bool
    path: str
    secure: bool
    expires: float | None
    order: int
    set_here: bool

    @property
    def pair(self) -> str:
        return f"{self.name}={self.value}" if self.name else self.value

    @property
    def key(self) -> tuple[str, str, bool]:
        """Return the cookie's identity within its domain: a new one with the same key replaces
        it."""
        return self.name, self.path, self.host_only


class CookieValues(NamedTuple):
    """The values of a Cookie header, empty for none: of the user's own cookies, and of those that
    sources have set in this fetch."""

    given: str
    set_here: str


_NONE = CookieValues("", "")


class CookieJar:
    """A jar that sends and keeps cookies as a browser would. Thread-safe."""

    def __init__(
        self, cookies: Iterable[Cookie] = (), clock: Callable[[], float] = time.time
    ) -> None:
        """``cookies``: a user's own. They are not counted, and never evicted."""
        self._clock = clock
        self._lock = threading.Lock()
        self._order = 0
        self._set = 0
        self._cookies: dict[str, dict[tuple[str, str, bool], StoredCookie]] = {}
        for cookie in cookies:
            self._put(
                StoredCookie(
                    _octets(cookie.name),
                    _octets(cookie.value),
                    cookie.domain,
                    cookie.host_only,
                    _octets(cookie.path),
                    cookie.secure,
                    cookie.expires,
                    self._next(),
                    set_here=False,
                )
            )

    def cookies_for(self, target: Target) -> CookieValues:
        """Return the cookies for a request of ``target``: longer paths first, then older ones."""
        if not self._cookies:
            return _NONE
        now, secure = self._clock(), is_trustworthy(target)
        with self._lock:
            found = [
                cookie
                for domain in _domains_of(target.host)
                for cookie in self._cookies.get(domain, {}).values()
                if (domain == target.host or not cookie.host_only)
                and (secure or not cookie.secure)
                and (cookie.expires is None or cookie.expires > now)
                and path_matches(_path_of(target), cookie.path)
            ]
        found.sort(key=lambda cookie: (-len(cookie.path), cookie.order))
        sent = list(_within(found, _SENT_AT_ONCE))
        return CookieValues(
            "; ".join(cookie.pair for cookie in sent if not cookie.set_here),
            "; ".join(cookie.pair for cookie in sent if cookie.set_here),
        )

    def keep(self, target: Target, values: Iterable[str]) -> None:
        """Keep the cookies of an answer of ``target``. ``values`` are its Set-Cookie headers."""
        now = self._clock()
        for value in list(values)[:_OF_ONE_ANSWER]:
            cookie = parse_set_cookie(value, now)
            if cookie is not None:
                self._keep(target, cookie, now)

    def clear(self) -> None:
        with self._lock:
            self._cookies.clear()

    def _keep(self, target: Target, cookie: SetCookie, now: float) -> None:
        secure = is_trustworthy(target)
        domain = _domain_of(target, cookie)
        if domain is None or (cookie.secure and not secure):
            return
        path = cookie.path or default_path(_path_of(target))
        with self._lock:
            if not secure and self._hides_a_secure_one(cookie.name, domain or target.host, path):
                return
            stored = StoredCookie(
                cookie.name,
                cookie.value,
                domain or target.host,
                not domain,
                path,
                cookie.secure,
                cookie.expires,
                self._next(),
                set_here=True,
            )
            self._remove(stored.domain, stored.key)
            if cookie.expires is None or cookie.expires > now:
                self._put(stored)
                self._make_room(stored.domain)

    def _hides_a_secure_one(self, name: str, domain: str, path: str) -> bool:
        """Return if the cookie would replace one that a secure connection has set."""
        return any(
            cookie.secure and cookie.name == name and path_matches(path, cookie.path)
            for other, cookies in self._cookies.items()
            if domain_matches(domain, other) or domain_matches(other, domain)
            for cookie in cookies.values()
        )

    def _next(self) -> int:
        self._order += 1
        return self._order

    def _put(self, cookie: StoredCookie) -> None:
        self._cookies.setdefault(cookie.domain, {})[cookie.key] = cookie
        self._set += cookie.set_here

    def _remove(self, domain: str, key: tuple[str, str, bool]) -> None:
        old = self._cookies.get(domain, {}).pop(key, None)
        if old is not None:
            self._set -= old.set_here

    def _make_room(self, domain: str) -> None:
        """Evict the oldest if there are too many; within a domain, insecure ones first."""
        of_domain = [cookie for cookie in self._cookies[domain].values() if cookie.set_here]
        if len(of_domain) > _OF_ONE_DOMAIN:
            oldest = min(of_domain, key=lambda cookie: (cookie.secure, cookie.order))
        elif self._set > _IN_ALL:
            everything = (c for cookies in self._cookies.values() for c in cookies.values())
            oldest = min((c for c in everything if c.set_here), key=lambda cookie: cookie.order)
        else:
            return
        self._remove(oldest.domain, oldest.key)


def is_trustworthy(target: Target) -> bool:
    """Return if Secure cookies may go there: https, and as in browsers this host itself."""
    if target.scheme == "https":
        return True
    if target.host == "localhost" or target.host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(target.host).is_loopback
    except ValueError:
        return False


def domain_matches(host: str, domain: str) -> bool:
    """Return if ``host`` is ``domain`` or below it (RFC 6265bis, section 5.1.3); no host lies below
    an address."""
    return host == domain or (host.endswith(f".{domain}") and not _is_address(host))


def path_matches(path: str, prefix: str) -> bool:
    """Return if ``path`` is ``prefix`` or below it (RFC 6265bis, section 5.1.4)."""
    if not path.startswith(prefix):
        return False
    return prefix.endswith("/") or path[len(prefix) : len(prefix) + 1] in ("", "/")


def default_path(path: str) -> str:
    """Return the folder of the request's path (RFC 6265bis, section 5.1.4)."""
    return path[: path.rfind("/")] or "/"


def _domain_of(target: Target, cookie: SetCookie) -> str | None:
    """Return the domain whose hosts get the cookie, empty for the host alone.

    None if it must not be kept: it names other hosts, or all below a public suffix.
    """
    domain = cookie.domain
    if not domain:
        return ""
    if not domain.isascii() or not domain_matches(target.host, domain):
        return None
    if _is_address(domain):
        return ""
    if public_suffixes().is_public(domain):
        return "" if domain == target.host else None
    return domain


@functools.cache
def public_suffixes() -> PublicSuffixList:
    """Return the list of the installed package, loaded on first use: it costs 30 ms."""
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()


def _domains_of(host: str) -> Iterator[str]:
    """Yield the host, and every domain above it."""
    yield host
    if not _is_address(host):
        while "." in host:
            host = host.partition(".")[2]
            yield host


def _is_address(host: str) -> bool:
    return ":" in host or host.rpartition(".")[2].isdigit()


def _path_of(target: Target) -> str:
    return target.path.partition("?")[0]


def _within(cookies: Iterable[StoredCookie], most: int) -> Iterator[StoredCookie]:
    for cookie in cookies:
        most -= len(cookie.pair) + 2
        if most < 0:
            return
        yield cookie


def _octets(text: str) -> str:
    """Return the bytes of UTF-8, written as Latin-1."""
    return text.encode().decode("latin-1")
