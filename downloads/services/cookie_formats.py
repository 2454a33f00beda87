"""What people paste or upload as cookies, read strictly. Pure.

Three forms: a Netscape file (``cookies.txt``), the JSON that browser extensions export, and the
value of a ``Cookie:`` header, which names no site and so needs one.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterable
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from downloads.engine.core.errors import DownloadError
from downloads.engine.egress.cookies import MAX_BYTES, MAX_COOKIES, Cookie, load
from downloads.engine.egress.target import parse

NO_SITE: Final = 'Name the site that these cookies are of, like "example.com".'
NOT_COOKIES: Final = (
    "These are not cookies that Ferry can read. Export them from the browser as a "
    "cookies.txt file (Netscape format) or as JSON, or paste a Cookie header."
)
_LOGIN: Final = re.compile(r"sess|sid|auth|token|login|user|remember|account", re.IGNORECASE)
_HEADER: Final = re.compile(r"(?:cookie:)?\s*[^\s=;,\"]+=[^\r\n\t]*", re.IGNORECASE)


class _Exported(BaseModel):
    """As EditThisCookie and Cookie-Editor write them; fields of their own are let pass."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    name: str
    value: str
    domain: str
    path: str = "/"
    secure: bool = False
    http_only: bool = Field(default=False, alias="httpOnly")
    host_only: bool | None = Field(default=None, alias="hostOnly")
    expires: float | None = Field(default=None, alias="expirationDate")

    def cookie(self) -> Cookie:
        domain = self.domain.lower()
        host_only = not domain.startswith(".") if self.host_only is None else self.host_only
        expires = None if self.expires is None else max(int(self.expires), 1)
        return Cookie(
            domain=domain.removeprefix("."),
            name=self.name,
            value=self.value,
            host_only=host_only,
            path=self.path,
            secure=self.secure,
            http_only=self.http_only,
            expires=expires,
        )


_EXPORT: Final = TypeAdapter(list[_Exported])


def site_of(text: str) -> str:
    """The site that somebody names, in one form: ``https://www.example.com/watch`` is
    ``example.com``. Raises ValueError with a sentence."""
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
    return site


def read(text: str, site: str = "") -> tuple[str, tuple[Cookie, ...], int]:
    """The site, its cookies, and how many of other sites are left out.

    ``site``: as its user names it; may be empty where the cookies are all of one. Raises
    ValueError with a sentence that tells nothing of what is in them.
    """
    if len(text.encode(errors="replace")) > MAX_BYTES:
        raise ValueError(f"The cookies are larger than {MAX_BYTES // 1024} KiB. Export one site's.")
    found = _read(text.strip("\ufeff\r\n "), site)
    if not found:
        raise ValueError(NOT_COOKIES)
    if len(found) > MAX_COOKIES:
        raise ValueError(f"There are more than {MAX_COOKIES} cookies. Export one site's.")
    named = site_of(site) if site.strip() else _only_site(found)
    kept = tuple(cookie for cookie in found if _goes_to(cookie, named))
    if not kept:
        raise ValueError(f"None of these cookies is of {named}. Export them while you are there.")
    return named, kept, len(found) - len(kept)


def _read(text: str, site: str) -> tuple[Cookie, ...]:
    if text[:1] in ("[", "{"):
        return _from_json(text)
    if "\t" in text or text.startswith("#"):
        return load(text)
    if _HEADER.fullmatch(text):
        return _from_header(text, site)
    raise ValueError(NOT_COOKIES)


def _from_json(text: str) -> tuple[Cookie, ...]:
    try:
        data: Any = json.loads(text)
        if isinstance(data, dict):
            data = data.get("cookies")  # as Playwright and some extensions wrap them
        return tuple(exported.cookie() for exported in _EXPORT.validate_python(data))
    except (json.JSONDecodeError, RecursionError, ValidationError):
        raise ValueError(NOT_COOKIES) from None


def _from_header(text: str, site: str) -> tuple[Cookie, ...]:
    """A header tells no scheme: over plain http they go where the site was named so, and to a
    bare address, which seldom has a certificate."""
    host, named = site_of(site), site.strip().lower()
    bare = "://" not in named and (_is_address(host) or host == "localhost")
    secure = not (bare or named.startswith("http://"))
    pairs = re.sub(r"^cookie:", "", text, flags=re.IGNORECASE).split(";")
    split = (pair.strip().partition("=") for pair in pairs if pair.strip())
    return tuple(
        Cookie(host, name, value, secure=secure, host_only=_is_address(host))
        for name, _, value in split
    )


def _only_site(cookies: Iterable[Cookie]) -> str:
    found = {cookie.domain.removeprefix("www.") for cookie in cookies}
    domains = sorted(found, key=lambda domain: (len(domain), domain))
    shortest = domains[0]
    if not all(domain == shortest or domain.endswith(f".{shortest}") for domain in domains):
        raise ValueError(
            f"These are of {len(domains)} sites, {domains[0]} and {domains[1]} among them. "
            "Name the one to keep them for."
        )
    return _checked(shortest)


def _goes_to(cookie: Cookie, site: str) -> bool:
    """To the site or a host below it; or it is its parent's, which the site gets as well."""
    if cookie.domain == site or cookie.domain.endswith(f".{site}"):
        return True
    from_parent = site.endswith(f".{cookie.domain}") and "." in cookie.domain
    return from_parent and not cookie.host_only and not _is_address(site)


def login_ends_at(cookies: Iterable[Cookie]) -> int | None:
    """In Unix time: when the first of those that look like a login runs out, or the last of all;
    None where that is with the browser's session, which nobody can tell."""
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
