"""Formats in which people paste or upload cookies. Pure.

Three forms: a Netscape file (``cookies.txt``), the JSON that browser extensions export, and
headers, alone or among others: ``Cookie:`` of a request, ``Set-Cookie:`` of an answer (curl reads
files of those, too). A header names no site, so it needs one beside it. Invalid entries are skipped
and reported; text without any valid one is rejected.
"""

from __future__ import annotations

import ipaddress
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from downloads.engine.core.errors import DownloadError
from downloads.engine.egress.cookie_jar import public_suffixes
from downloads.engine.egress.cookies import MAX_BYTES, MAX_COOKIES, Cookie, Skipped, load_lines
from downloads.engine.egress.set_cookie import parse_set_cookie
from downloads.engine.egress.target import parse
from downloads.services.cookie_exports import NotAnExport, read_export

NO_SITE: Final = 'Enter the site that these cookies belong to, such as "example.com".'
NOT_COOKIES: Final = (
    "These are not cookies that Ferry can read. Export them from the browser as a "
    "cookies.txt file (Netscape format) or as JSON, or paste a Cookie header."
)
_LOGIN: Final = re.compile(r"sess|sid|auth|token|login|user|remember|account", re.IGNORECASE)
# A request's headers as developer tools copy them; the name may stand on a line of its own.
_HEADER_LINE: Final = re.compile(r"(?im)^[ \t]*cookie:[ \t]*(?:\r?\n[ \t]*)?([^\r\n]+)")
_SET_LINE: Final = re.compile(r"(?im)^[ \t]*set-cookie:[ \t]*([^\r\n]+)")
_PAIR: Final = re.compile(r"\s*[^\s=;,\"]+=[^;\r\n\t]*")
_PAIRS: Final = re.compile(r"\s*[^\s=;,\"]+=[^\r\n\t]*")


@dataclass(frozen=True, slots=True)
class GivenCookies:
    """The cookies of one site. ``skipped``: the invalid entries; ``left_out``: the number of
    cookies of other sites."""

    site: str
    cookies: tuple[Cookie, ...]
    left_out: int = 0
    skipped: tuple[Skipped, ...] = ()


_Read = tuple[tuple[Cookie, ...], tuple[Skipped, ...]]


def site_of(text: str) -> str:
    """Return the site in one form: ``https://www.example.com/watch`` is ``example.com``. Raises
    ValueError with a sentence."""
    text = text.strip()
    if not text:
        raise ValueError(NO_SITE)
    try:
        host = parse(text if "://" in text else f"https://{text}").host
    except DownloadError:
        raise ValueError(NO_SITE) from None
    return _checked(host.removeprefix("www."))


def _checked(site: str) -> str:
    if _is_address(site) or site == "localhost":
        return site
    if "." not in site or site.rpartition(".")[2].isdigit():
        raise ValueError(NO_SITE)
    if public_suffixes().is_public(site):
        raise ValueError(f"Many sites end in {site}. {NO_SITE}")
    return site


def read(text: str, site: str = "") -> GivenCookies:
    """Return the cookies of one site, and what is left out.

    ``site``: as its user names it; may be empty if all cookies are of one. Raises ValueError with a
    sentence that holds none of the content.
    """
    if len(text.encode(errors="replace")) > MAX_BYTES:
        raise ValueError(f"The cookies are larger than {MAX_BYTES // 1024} KiB. Export one site's.")
    found, skipped = _read(text.strip("\ufeff\r\n "), site)
    if not found:
        raise ValueError(" ".join([NOT_COOKIES, *map(str, skipped[:1])]))
    if len(found) > MAX_COOKIES:
        raise ValueError(f"There are more than {MAX_COOKIES} cookies. Export one site's.")
    host = site_of(site) if site.strip() else _only_site(found)
    cookies = tuple(cookie for cookie in found if _goes_to(cookie, host))
    if not cookies:
        raise ValueError(f"None of these cookies belongs to {host}. Export them on that site.")
    return GivenCookies(host, cookies, len(found) - len(cookies), skipped)


def _read(text: str, site: str) -> _Read:
    if text[:1] in ("[", "{"):
        return _from_json(text, site)
    if _PAIRS.fullmatch(text):
        return _from_pairs(text.split(";"), site)
    if headers := _HEADER_LINE.findall(text):
        return _from_pairs([pair for header in headers for pair in header.split(";")], site)
    if headers := _SET_LINE.findall(text):
        return _from_answer(headers, site)
    cookies, skipped = load_lines(text)
    if not cookies and "\t" not in text:
        return (), ()  # plain text, rather than a cookie file with an error in each line
    return cookies, skipped


def _from_json(text: str, site: str) -> _Read:
    try:
        found = read_export(text)
    except NotAnExport:
        raise ValueError(NOT_COOKIES) from None
    if isinstance(found, dict):
        return _from_pairs([f"{name}={value}" for name, value in found.items()], site)
    return found


def _from_pairs(pairs: Iterable[str], site: str) -> _Read:
    """Return the cookies of name=value pairs for ``site``."""
    # A header tells no scheme: its cookies go over plain http if the site was named so, and to a
    # bare address, which seldom has a certificate.
    host, named = site_of(site), site.strip().lower()
    bare = "://" not in named and (_is_address(host) or host == "localhost")
    secure = not (bare or named.startswith("http://"))
    found, skipped = [], []
    for number, pair in enumerate(filter(str.strip, pairs), start=1):
        name, _, value = pair.strip().partition("=")
        try:
            if not _PAIR.fullmatch(pair):
                raise ValueError("It is not a name with a value.")
            found.append(Cookie(host, name, value, secure=secure, host_only=_is_address(host)))
        except ValueError as error:
            skipped.append(Skipped(f"Pair {number}", str(error)))
    return tuple(found), tuple(skipped)


def _from_answer(headers: Iterable[str], site: str) -> _Read:
    host, now = site_of(site), time.time()
    found, skipped = [], []
    for number, header in enumerate(headers, start=1):
        parsed = parse_set_cookie(header, now)
        try:
            if parsed is None:
                raise ValueError("No browser accepts it.")
            found.append(
                Cookie(
                    parsed.domain or host,
                    parsed.name,
                    parsed.value,
                    host_only=not parsed.domain,
                    path=parsed.path or "/",
                    secure=parsed.secure,
                    expires=None if parsed.expires is None else int(parsed.expires),
                )
            )
        except ValueError as error:
            skipped.append(Skipped(f"Header {number}", str(error)))
    return tuple(found), tuple(skipped)


def _only_site(cookies: Iterable[Cookie]) -> str:
    found = {cookie.domain.removeprefix("www.") for cookie in cookies}
    domains = sorted(found, key=lambda domain: (len(domain), domain))
    shortest = domains[0]
    if not all(domain == shortest or domain.endswith(f".{shortest}") for domain in domains):
        raise ValueError(
            f"These cookies belong to {len(domains)} sites, such as {domains[0]} and {domains[1]}. "
            "Enter the one to save them for."
        )
    return _checked(shortest)


def _goes_to(cookie: Cookie, site: str) -> bool:
    """Return if the cookie is for the site or a host below it, or for its parent, whose cookies the
    site gets as well."""
    if cookie.domain == site or cookie.domain.endswith(f".{site}"):
        return True
    if cookie.host_only or _is_address(site) or not site.endswith(f".{cookie.domain}"):
        return False
    return not public_suffixes().is_public(cookie.domain)  # no browser keeps one for all of .co.uk


def login_ends_at(cookies: Iterable[Cookie]) -> int | None:
    """Return the likely end of the login in Unix time: when the first cookie that looks like a
    login expires, or the last of all.

    None if that is with the browser's session, whose end is unknown.
    """
    cookies = list(cookies)
    logins = [one.expires for one in cookies if _LOGIN.search(one.name) and one.expires is not None]
    if logins:
        return min(logins)
    all_ = [one.expires for one in cookies]
    return None if None in all_ else max(end for end in all_ if end is not None)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
