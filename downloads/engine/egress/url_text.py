"""URLs as text, read by the WHATWG's URL standard for http(s). Pure.

Blanks, backslashes, dots and other characters are treated as in a browser's address bar and ``curl
-g``, for pasted links, redirects, manifests and pages alike. A legal URL stays byte for byte, since
a signature may depend on it.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple
from urllib.parse import quote

SCHEMES: Final = ("http", "https")

AROUND: Final = "".join(map(chr, range(0x21)))  # C0 controls and the blank
_INSIDE: Final = re.compile(r"[\t\n\r]")
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_END_OF_AUTHORITY: Final = re.compile(r"[/?#]")
_PRINTABLE: Final = "".join(map(chr, range(0x21, 0x7F)))
# The standard's percent-encode sets, with the bar in a path as in Chromium; but an apostrophe in a
# query is legal and stays (RFC 3986).
_IN_QUERY: Final = "".join(char for char in _PRINTABLE if char not in '"#<>')
_IN_PATH: Final = "".join(char for char in _IN_QUERY if char not in "?^`{|}")
_ONE_DOT: Final = re.compile(r"\.|%2e", re.IGNORECASE)
_TWO_DOTS: Final = re.compile(r"(?:\.|%2e){2}", re.IGNORECASE)


class UrlText(NamedTuple):
    """The parts of a URL. ``scheme`` in lower case, empty for none; ``authority`` as it was
    written. ``path`` is that of a request line: encoded, with the query, without dot segments."""

    scheme: str
    authority: str
    path: str


def tidy(text: str) -> str:
    """Return ``text`` without what the standard drops: blanks and controls around it, tabs and line
    ends inside; a backslash in front of the query becomes a slash."""
    text = _INSIDE.sub("", text.strip(AROUND))
    if "\\" not in text:
        return text
    end = min((at for at in (text.find("?"), text.find("#")) if at >= 0), default=len(text))
    return text[:end].replace("\\", "/") + text[end:]


def split(url: str) -> UrlText:
    """Take an absolute URL apart. Raises ValueError for text that is not Unicode.

    ``http:/host`` and ``http:host`` name a host as well as ``http://host`` does.
    """
    text = tidy(url)
    found = _SCHEME.match(text)
    if found is None:
        return UrlText("", "", text)
    scheme, rest = found[1].lower(), text[found.end() :]
    if scheme not in SCHEMES:
        return UrlText(scheme, "", rest)
    rest = rest.lstrip("/")
    end = _END_OF_AUTHORITY.search(rest)
    at = end.start() if end else len(rest)
    path, mark, query = rest[at:].partition("#")[0].partition("?")
    path = quote(path or "/", safe=_IN_PATH)
    if "/." in path or "/%2" in path:
        path = _without_dots(path)
    encoded = f"{path}?{quote(query, safe=_IN_QUERY)}" if mark else path
    return UrlText(scheme, rest[:at], encoded)


def _without_dots(path: str) -> str:
    kept: list[str] = []
    *folders, last = path.split("/")[1:]
    for segment in folders:
        if _TWO_DOTS.fullmatch(segment):
            del kept[-1:]
        elif not _ONE_DOT.fullmatch(segment):
            kept.append(segment)
    if _TWO_DOTS.fullmatch(last):
        del kept[-1:]
        last = ""
    elif _ONE_DOT.fullmatch(last):
        last = ""
    return "/" + "/".join([*kept, last])


def join(base: str, reference: str) -> str:
    """Return the absolute URL that ``reference`` means at ``base``, an absolute http(s) one; not
    yet encoded.

    Another scheme's is returned as it is. Raises ValueError for a relative one without a base. Not
    ``urllib``'s, which drops empty segments of a path (``/a//b``).
    """
    text = tidy(reference)
    here, _, _ = tidy(base).partition("#")
    scheme, colon, rest = here.partition("://")
    found = _SCHEME.match(text)
    if found is not None:
        other, after = found[1].lower(), text[found.end() :]
        if other not in SCHEMES:
            return text
        if other != scheme.lower() or after.startswith("//"):
            return f"{other}://{after.lstrip('/')}"
        text = after  # "http:film.mp4" at an http URL is a relative one
    if not colon:
        raise ValueError("a relative URL without a base")
    if text.startswith("//"):
        return f"{scheme}://{text.lstrip('/')}"
    return f"{scheme}://{_beside(rest, text)}"


def _beside(rest: str, text: str) -> str:
    """Return ``text`` resolved against ``rest``, the base after its scheme."""
    end = _END_OF_AUTHORITY.search(rest)
    at = end.start() if end else len(rest)
    authority, (path, mark, query) = rest[:at], rest[at:].partition("?")
    path = path or "/"
    if text.startswith("/"):
        return authority + text
    if not text or text.startswith("#"):
        return authority + path + mark + query + text
    if text.startswith("?"):
        return authority + path + text
    return authority + path[: path.rindex("/") + 1] + text
