"""Recognition of feeds and players' playlists, by their first bytes and declared type. Pure."""

from __future__ import annotations

import re
from typing import Final

from downloads.engine.core import file_types
from downloads.engine.resolver import naming, sniff
from downloads.engine.resolver.extensions import split_name

# RSS 0.9 to 2.0, Atom (RFC 4287) and XSPF, by their namespaces if the element is not enough.
_FEED: Final = re.compile(
    rb"<(?:\w+:)?(?:rss[\s>]|RDF\s[^>]{0,4000}purl\.org/rss|feed\s[^>]{0,4000}w3\.org/2005/Atom"
    rb"|playlist\s[^>]{0,4000}xspf\.org)",
    re.IGNORECASE,
)
_JSON_FEED: Final = re.compile(
    rb"\{\s*(?:\"\w+\"\s*:\s*\"[^\"]{0,500}\"\s*,\s*){0,9}\"version\"\s*:\s*\"https?:\\?/\\?/jsonfeed\.org"
)
_PLS: Final = re.compile(rb"\[playlist\]", re.IGNORECASE)
_ASX: Final = re.compile(rb"<asx[\s>]", re.IGNORECASE)
_EXTENSIONS: Final = {"asx": _ASX, "pls": _PLS, "wax": _ASX, "wmx": _ASX, "wvx": _ASX}
_TYPES: Final = {
    "application/pls+xml": _PLS,
    "audio/scpls": _PLS,
    "audio/x-scpls": _PLS,
    "audio/x-ms-wax": _ASX,
    "video/x-ms-asf": _ASX,
    "video/x-ms-wmx": _ASX,
    "video/x-ms-wvx": _ASX,
}
# Extensions of the segments of an HLS list (RFC 8216); whole films have others.
_SEGMENTS: Final = frozenset({"aac", "ac3", "ec3", "m4s", "ts", "webvtt"})


def is_feed(head: bytes, content_type: str, names: naming.Names) -> bool:
    text = sniff.content(head)
    if _FEED.match(text) or _JSON_FEED.match(text):
        return True
    ext = split_name(names.best)[1]
    if ext == "strm":
        return _is_one_link(text)
    form = _EXTENSIONS.get(ext) or _TYPES.get(content_type)
    if form is not None and form.match(text):
        return True
    return (ext in ("m3u", "m3u8", "ram") or sniff.is_hls(content_type, head)) and is_plain_m3u(
        text
    )


def is_for_players(text: str) -> bool:
    """Return if this is a list that players start at once (M3U, PLS, XSPF, ASX, a strm file), and
    not a feed to choose from."""
    head = sniff.content(text[: sniff.HEAD].encode())
    found = _FEED.match(head) or _JSON_FEED.match(head)
    return found is None or b"xspf" in found[0].lower()


def _is_one_link(text: bytes) -> bool:
    """Return if the whole text is one URL, as in media centres' strm files, apart from comments."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith(b"#")]
    return len(lines) == 1 and lines[0].lower().startswith((b"http://", b"https://"))


def is_plain_m3u(text: bytes) -> bool:
    """Return if a list names whole films or sounds and is not HLS, having none of its tags. A file
    that is declared as a list may hold links without an extension, as in ffmpeg and mpv."""
    if b"#EXT-X-" in text:
        return False
    lines = [line.strip() for line in text.decode("utf-8", "replace").splitlines()]
    links = [line for line in lines if line and not line.startswith("#")]
    if len(text) > sniff.HEAD - 64 and len(links) > 1:
        links.pop()  # it may be incomplete
    is_list = text.lstrip().startswith(b"#EXTM3U")
    if len(links) == 1 and (is_list or links[0].lower().startswith(("http://", "https://"))):
        return names_media(links[0]) or not ending_of(links[0])
    whole = [names_media(link) or (is_list and not ending_of(link)) for link in links]
    return bool(whole) and all(whole)


def names_media(link: str) -> bool:
    """Return if a link has the extension of a whole film or sound."""
    ext = ending_of(link)
    found = file_types.of_ext(ext)
    playable = found is not None and found.mime_type.startswith(("audio/", "video/"))
    return playable and ext not in _SEGMENTS


def ending_of(link: str) -> str:
    """Return the extension of the file that a link names; empty for none."""
    try:
        return split_name(naming.name_from_url(link))[1]
    except ValueError:
        return "?"  # an invalid host
