"""The URLs that stand in a manifest: where they lead, and which headers may go there. Pure."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from downloads.engine.core.data_url import is_data_url
from downloads.engine.core.errors import UnsupportedURL
from downloads.engine.egress.target import MAX_URL, parse
from downloads.engine.resolver.manifests.refusals import broken, leads_elsewhere

Headers = tuple[tuple[str, str], ...]

_SECRETS = frozenset({"authorization", "cookie", "proxy-authorization"})
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_PATH_END = re.compile(r"[?#]")
_DROPPED = re.compile(r"[\t\r\n]")
_ENCODED = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\ufeff]")
_ABSOLUTE = re.compile(r"(?P<origin>https?://[^/?#]*)(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_DOT = re.compile(r"(?:^|/)(?:\.|%2e){1,2}(?:/|$)", re.IGNORECASE)


class _Base(NamedTuple):
    """``folder``: the path up to its last slash; ``path`` without a query."""

    scheme: str
    origin: str
    path: str
    folder: str
    query: str


def join(base: str, uri: str, *, data: bool = False) -> str:
    """The absolute http(s) URL that ``uri`` means in the manifest at ``base``, by the WHATWG's
    URL standard: no query is inherited, and empty parts of a path stay.

    ``data``: a ``data:`` URI is taken as it is. Raises BlockedAddress for another scheme,
    BadManifest for what is no URL. Which address a name leads to is judged when it is connected
    to.
    """
    uri = _DROPPED.sub("", uri.strip())
    scheme = _SCHEME.match(uri)
    if scheme is not None:
        if data and is_data_url(uri):
            return uri
        if scheme[1].lower() not in ("http", "https"):
            raise leads_elsewhere(scheme[1])
        joined = f"{scheme[1].lower()}://" + "".join(_apart(uri[scheme.end() :])).lstrip("/")
    else:
        joined = _relative(_base_of(base), uri)
    if _ENCODED.search(joined):
        joined = _ENCODED.sub(lambda match: quote(match[0]), joined)
    return _checked(joined)


def _relative(base: _Base, uri: str) -> str:
    path, rest = _apart(uri)
    if path.startswith("//"):
        return f"{base.scheme}://{path.lstrip('/')}{rest}"
    if path:
        return base.origin + _without_dots(path if path[0] == "/" else base.folder + path) + rest
    return base.origin + base.path + (rest if rest.startswith("?") else base.query)


def _apart(uri: str) -> tuple[str, str]:
    """The path, with slashes for backslashes as in browsers, and what follows it."""
    end = _PATH_END.search(uri)
    place = end.start() if end else len(uri)
    return uri[:place].replace("\\", "/"), uri[place:]


@functools.lru_cache(maxsize=16)
def _base_of(url: str) -> _Base:
    match = _ABSOLUTE.match(url)
    if match is None:
        raise broken("a relative URL in a manifest that has no address")
    rest = match["rest"].partition("#")[0]
    path, question, query = rest.partition("?")
    path = path or "/"
    folder = path[: path.rindex("/") + 1]
    scheme = match["origin"].partition(":")[0].lower()
    return _Base(scheme, match["origin"], path, folder, question + query)


def _without_dots(path: str) -> str:
    if _DOT.search(path) is None:
        return path
    kept: list[str] = []
    parts = path.split("/")[1:]
    for place, part in enumerate(parts):
        dots = part.lower().replace("%2e", ".")
        if dots == ".." and kept:
            kept.pop()
        if dots not in (".", ".."):
            kept.append(part)
        elif place == len(parts) - 1:
            kept.append("")
    return "/" + "/".join(kept)


def _checked(url: str) -> str:
    if len(url) > MAX_URL:
        raise broken(f"a URL of more than {MAX_URL} characters")
    match = _ABSOLUTE.match(url)
    if match is None:
        raise broken("not a URL")
    path, rest = _apart(match["rest"])
    _check_origin(match["origin"])
    return match["origin"] + _without_dots(path if path.startswith("/") else f"/{path}") + rest


@functools.lru_cache(maxsize=64)  # many segments are on few hosts
def _check_origin(origin: str) -> None:
    try:
        parse(origin)
    except UnsupportedURL as error:
        raise broken(f"not a URL: {error.detail}") from None


def headers_for(headers: Headers, home: str, urls: Iterable[str]) -> Headers:
    """What of ``headers``, meant for ``home``, may go to all of ``urls``: no password or cookie
    where one of them is on another host."""
    if not any(name.lower() in _SECRETS for name, _ in headers):
        return headers
    origin = _origin(home)
    if all(is_data_url(url) or _origin(url) == origin for url in urls):
        return headers
    return tuple(item for item in headers if item[0].lower() not in _SECRETS)


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    return parse(f"{parts.scheme}://{parts.netloc}").origin if parts.netloc else parse(url).origin
