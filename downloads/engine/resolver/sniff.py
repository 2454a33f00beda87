"""Telling pages and playlists from files by what the source says and by the first bytes. Pure."""

from __future__ import annotations

import re

_PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_DASH_TYPE = "application/dash+xml"
_HLS_TYPES = frozenset(
    {
        "application/mpegurl",
        "application/vnd.apple.mpegurl",
        "application/x-mpegurl",
        "audio/mpegurl",
        "audio/x-mpegurl",
    }
)
_BLANK = rb"(?:\xef\xbb\xbf)?\s*"
# Possessive: what one comment has taken is never given back, or a row of them takes for ever.
_XML_LEAD = rb"(?:<\?xml[^>]{0,200}\?>\s*)?+(?:<!--.{0,1000}?-->\s*)*+"
# The tags of the WHATWG's MIME sniffing standard, section 7.1, that begin a real page.
_PAGE = re.compile(
    _BLANK + _XML_LEAD + rb"<(?:!doctype\s+html|html|head|body|script|title|iframe|meta)[\s>]",
    re.IGNORECASE | re.DOTALL,
)
_HLS = re.compile(_BLANK + rb"#EXTM3U(?:\s|$)")
_DASH = re.compile(_BLANK + _XML_LEAD + rb"<(?:\w+:)?MPD[\s>]", re.DOTALL)
# The signatures of the WHATWG's MIME sniffing standard, section 6.2, and of MPEG's own streams.
_MEDIA = (
    (re.compile(rb".{4}ftyp", re.DOTALL), "video/mp4"),
    (re.compile(rb"\x1aE\xdf\xa3"), "video/webm"),
    (re.compile(rb"OggS\x00"), "audio/ogg"),
    (re.compile(rb"fLaC"), "audio/flac"),
    (re.compile(rb"\xff[\xf0\xf1\xf8\xf9]"), "audio/aac"),
    (re.compile(rb"ID3|\xff[\xf2-\xf7\xfa\xfb]"), "audio/mpeg"),
    (re.compile(rb"RIFF.{4}WAVE", re.DOTALL), "audio/x-wav"),
    (re.compile(rb"RIFF.{4}AVI ", re.DOTALL), "video/x-msvideo"),
    (re.compile(rb"(?:G.{187}){3}", re.DOTALL), "video/mp2t"),
)
# Other lists of files that players follow: ffmpeg's, PLS, ASX and SMIL.
_LIST = re.compile(
    _BLANK + rb"(?:ffconcat version|\[playlist\]|" + _XML_LEAD + rb"<(?:asx|smil)[\s>])",
    re.IGNORECASE | re.DOTALL,
)


def is_list(head: bytes) -> bool:
    """A list of other files, by its first bytes: no media, whatever it is called."""
    return any(form.match(head) for form in (_HLS, _DASH, _LIST))


def true_type(content_type: str, head: bytes) -> str:
    """``content_type``; the media's own where a server calls a film a page."""
    if content_type not in _PAGE_TYPES:
        return content_type
    return next((kind for form, kind in _MEDIA if form.match(head)), content_type)


def is_page(content_type: str, head: bytes) -> bool:
    """An HTML page. ``application/octet-stream`` with any bytes is a file."""
    content_type = true_type(content_type, head)
    if content_type in _PAGE_TYPES:
        return True
    return content_type != "application/octet-stream" and bool(_PAGE.match(head))


def is_manifest(content_type: str, head: bytes) -> bool:
    """An HLS playlist or a DASH manifest, whatever it calls itself."""
    return is_hls(content_type, head) or is_dash(content_type, head)


def is_hls(content_type: str, head: bytes) -> bool:
    """What the bytes say goes before what the type says."""
    return bool(_HLS.match(head)) or (content_type in _HLS_TYPES and not _DASH.match(head))


def is_dash(content_type: str, head: bytes) -> bool:
    return bool(_DASH.match(head)) or (content_type == _DASH_TYPE and not _HLS.match(head))
