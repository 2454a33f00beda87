"""Telling pages and playlists from files by what the source says and by the first bytes. Pure."""

from __future__ import annotations

import re

_PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_MANIFEST_TYPES = frozenset(
    {
        "application/dash+xml",
        "application/mpegurl",
        "application/vnd.apple.mpegurl",
        "application/x-mpegurl",
        "audio/mpegurl",
        "audio/x-mpegurl",
    }
)
_BLANK = rb"(?:\xef\xbb\xbf)?\s*"
_XML_LEAD = rb"(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,1000}?-->\s*)*"
# The tags of the WHATWG's MIME sniffing standard, section 7.1, that begin a real page.
_PAGE = re.compile(
    _BLANK + _XML_LEAD + rb"<(?:!doctype\s+html|html|head|body|script|title|iframe|meta)[\s>]",
    re.IGNORECASE | re.DOTALL,
)
_HLS = re.compile(_BLANK + rb"#EXTM3U(?:\s|$)")
_DASH = re.compile(_BLANK + _XML_LEAD + rb"<(?:\w+:)?MPD[\s>]", re.DOTALL)


def is_page(content_type: str, head: bytes) -> bool:
    """An HTML page. ``application/octet-stream`` with any bytes is a file."""
    if content_type in _PAGE_TYPES:
        return True
    return content_type != "application/octet-stream" and bool(_PAGE.match(head))


def is_manifest(content_type: str, head: bytes) -> bool:
    """An HLS playlist or a DASH manifest, whatever it calls itself."""
    return content_type in _MANIFEST_TYPES or bool(_HLS.match(head) or _DASH.match(head))
