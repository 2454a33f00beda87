"""The URLs that stand in a manifest: where they lead, and which headers may go there. Pure."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from urllib.parse import urljoin, urlsplit

from downloads.engine.core.errors import UnsupportedURL
from downloads.engine.egress.target import parse
from downloads.engine.resolver.manifests.refusals import broken, leads_elsewhere

Headers = tuple[tuple[str, str], ...]

_SECRETS = frozenset({"authorization", "cookie", "proxy-authorization"})


@functools.lru_cache(maxsize=64)  # keys and maps come again and again
def join(base: str, uri: str) -> str:
    """The absolute http(s) URL that ``uri`` means in the manifest at ``base``.

    Raises BlockedAddress for another scheme, BadManifest for what is no URL. Which address a
    name leads to is judged when it is connected to.
    """
    try:
        joined = urljoin(base, uri.strip().replace(" ", "%20"))
        scheme = urlsplit(joined).scheme
    except ValueError as error:
        raise broken(f"not a URL: {error}") from None
    if scheme not in ("http", "https"):
        raise leads_elsewhere(scheme)
    try:
        parse(joined)
    except UnsupportedURL as error:
        raise broken(f"not a URL: {error.detail}") from None
    return joined


def headers_for(headers: Headers, home: str, urls: Iterable[str]) -> Headers:
    """What of ``headers``, meant for ``home``, may go to all of ``urls``: no password or cookie
    where one of them is on another host."""
    if not any(name.lower() in _SECRETS for name, _ in headers):
        return headers
    origin = _origin(home)
    if all(_origin(url) == origin for url in urls):
        return headers
    return tuple(item for item in headers if item[0].lower() not in _SECRETS)


def _origin(url: str) -> tuple[str, str, int]:
    return parse(url).origin
