"""URLs in a manifest: their targets, and the headers that may go there. Pure."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from urllib.parse import urlsplit

from downloads.engine.core.data_url import is_data_url
from downloads.engine.core.errors import UnsupportedURL
from downloads.engine.egress import url_text
from downloads.engine.egress.target import MAX_URL, parse
from downloads.engine.resolver.manifests.refusals import broken, leads_elsewhere

Headers = tuple[tuple[str, str], ...]

_SECRETS = frozenset({"authorization", "cookie", "proxy-authorization"})


def join(base: str, uri: str, *, data: bool = False) -> str:
    """Return the absolute http(s) URL of ``uri`` in the manifest at ``base``, by the WHATWG's URL
    standard: no query is inherited, and empty path segments stay.

    ``data``: a ``data:`` URI is returned as it is. Raises BlockedAddress for another scheme,
    BadManifest for an invalid URL. A name's address is checked when it is connected to.
    """
    text = url_text.tidy(uri)
    if data and is_data_url(text):
        return text
    try:
        scheme, authority, path = url_text.split(url_text.join(base, text))
    except ValueError as error:
        raise broken(f"not a URL: {error}") from None
    if scheme not in url_text.SCHEMES:
        raise leads_elsewhere(scheme)
    if len(path) > MAX_URL:
        raise broken(f"a URL of more than {MAX_URL} characters")
    origin = f"{scheme}://{authority}"
    _check_origin(origin)
    return origin + path


@functools.lru_cache(maxsize=64)  # many segments are on few hosts
def _check_origin(origin: str) -> None:
    try:
        parse(origin)
    except UnsupportedURL as error:
        raise broken(f"not a URL: {error.detail}") from None


def headers_for(headers: Headers, home: str, urls: Iterable[str]) -> Headers:
    """Return those ``headers``, meant for ``home``, that may go to all of ``urls``: no password or
    cookie if one of them is on another host."""
    if not any(name.lower() in _SECRETS for name, _ in headers):
        return headers
    origin = _origin(home)
    if all(is_data_url(url) or _origin(url) == origin for url in urls):
        return headers
    return tuple(item for item in headers if item[0].lower() not in _SECRETS)


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    return parse(f"{parts.scheme}://{parts.netloc}").origin if parts.netloc else parse(url).origin
