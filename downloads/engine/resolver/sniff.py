"""Pages, lists and messages told from files, by the declared type and the first bytes. Pure.

The bytes take precedence over the type, as in browsers and players.
"""

from __future__ import annotations

import codecs
import json
import re
from enum import StrEnum
from typing import Final

from downloads.engine.resolver import signatures

HEAD: Final = 2048  # bytes: enough to tell a page and a playlist from a file

_PAGE_TYPES: Final = frozenset({"text/html", "application/xhtml+xml"})
_DASH_TYPE: Final = "application/dash+xml"
_HLS_TYPES: Final = frozenset(
    {
        "application/mpegurl",
        "application/vnd.apple.mpegurl",
        "application/x-mpegurl",
        "audio/mpegurl",
        "audio/x-mpegurl",
    }
)
_UTF_16: Final = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# The tags of the WHATWG's MIME sniffing standard, section 7.1, that begin a real page.
_PAGE: Final = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|script|title|iframe|meta)[\s>]", re.IGNORECASE
)
# The rest of them, and what servers' error pages begin with. Text may begin so too.
_PIECE_OF_PAGE: Final = re.compile(
    rb"<(?:h[1-6]|div|font|table|a|style|b|br|p|center|pre|form|link|noscript|span)[\s/>]",
    re.IGNORECASE,
)
_HLS: Final = re.compile(rb"#EXTM3U(?:\s|$)")
_DASH: Final = re.compile(rb"<(?:\w+:)?MPD[\s>]")
# Other playlists: ffmpeg's, PLS, ASX and SMIL.
_LIST: Final = re.compile(rb"ffconcat version|\[playlist\]|<(?:asx|smil)[\s>]", re.IGNORECASE)
_XML: Final = re.compile(rb"<(?!svg[\s>])[a-z_][\w.-]*(?::[\w.-]+)?[\s/>]", re.IGNORECASE)
_XML_ERROR: Final = re.compile(rb"<(?:\w+:)?\w*(?:error|exception|fault)", re.IGNORECASE)
# Some services prepend an unparsable line, against inclusion by other sites.
_JSON: Final = re.compile(
    rb"(?:\)\]\}'?,?\s*|(?:for|while)\s*\([^)]{0,9}\);\s*)?"
    rb"(?:\{\s*(?:\"[^\"]{0,1000}\"\s*:|\}\s*$)|\[\s*(?:\{\s*[\"}]|\[\s*[\"\[{]|\"|\]\s*$))"
)
# Text that replaces only a film or a sound: JSON in a callback or as people write it
# by hand, a drawing, a script's source, an answer's head, and what PHP says of its own faults.
_LOOSE_JSON: Final = re.compile(
    rb"(?:/\*[^*]{0,99}\*/)?\s*[\w$.]{1,99}\s*\(\s*[{\[\"]"
    rb"|\{\s*(?:'[^'\n]{0,99}'|[A-Za-z_]\w{0,99})\s*:"
)
_LOOSE_PAGE: Final = re.compile(
    rb"<\?(?:php|=)\s|<svg[\s>]|HTTP/1\.[01] \d{3} |(?:PHP )?(?:Warning|Fatal error|Notice): ",
    re.IGNORECASE,
)
_PROLOG: Final = re.compile(rb"\s*(<!--|<\?|<!doctype\b(?!\s+html))?", re.IGNORECASE)
_NO_TEXT: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")  # WHATWG: binary data bytes


class Text(StrEnum):
    """A kind of text, worded for a sentence about it."""

    PAGE = "a web page"
    JSON = "a JSON message"
    XML = "an XML document"
    XML_ERROR = "an XML error"
    WORDS = "a text message"


def is_undecided(head: bytes) -> bool:
    """Return if ``head`` ends within what may precede any markup: more of it is needed."""
    text = _as_utf8(head)
    return text[:512].lstrip()[:1] in (b"<", b"") and _behind_prolog(text) == len(text)


def is_list(head: bytes) -> bool:
    """Return if these are the first bytes of a list of other files: no media, whatever its name."""
    text = content(head)
    return any(form.match(text) for form in (_HLS, _DASH, _LIST))


def text_of(head: bytes) -> Text | None:
    """Return the kind of text that begins with ``head`` if it is a page or a message; None for a
    list or a file."""
    text = content(head)
    if _NO_TEXT.search(text[:512]) or is_list(head):
        return None
    if _PAGE.match(text) or _PIECE_OF_PAGE.match(text):
        return Text.PAGE
    if _JSON.match(text) or (len(head) < HEAD and _is_json(text)):
        return Text.JSON
    if _XML.match(text):
        return Text.XML_ERROR if _XML_ERROR.match(text) else Text.XML
    return None


def loose_text_of(head: bytes) -> Text | None:
    """Return what :func:`text_of` does, also for text that is a page or a message only in place of
    a film or a sound."""
    text = _as_utf8(head).lstrip()
    if _NO_TEXT.search(text[:512]):
        return None
    if _LOOSE_PAGE.match(text):
        return Text.PAGE
    return Text.JSON if _LOOSE_JSON.match(text) else None


def _is_json(text: bytes) -> bool:
    """Return if the whole text is one JSON value, of any kind."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def is_words(content_type: str, head: bytes) -> bool:
    """Return if this is a short, complete text that its source declares as text."""
    is_declared = content_type.startswith("text/") and content_type not in _PAGE_TYPES
    text = content(head)
    return is_declared and len(head) < HEAD and bool(text.strip()) and not _NO_TEXT.search(text)


def true_type(content_type: str, head: bytes) -> str:
    """Return ``content_type``; the file's own type if a server declares the file as a page."""
    if content_type not in _PAGE_TYPES:
        return content_type
    found = signatures.recognise(head)
    return found.mime_type if found else content_type


def says_page(content_type: str) -> bool:
    """Return if a source that sends this type may mean a web page: it says so, or nothing."""
    return content_type in _PAGE_TYPES or content_type in ("", "text/plain", "text/xml")


def is_page(content_type: str, head: bytes) -> bool:
    """Return if this is an HTML page. ``application/octet-stream`` with any bytes is a file."""
    content_type = true_type(content_type, head)
    if content_type in _PAGE_TYPES:
        return True
    return content_type != "application/octet-stream" and bool(_PAGE.match(content(head)))


def is_manifest(content_type: str, head: bytes) -> bool:
    """Return if this is an HLS playlist or a DASH manifest, whatever its declared type."""
    return is_hls(content_type, head) or is_dash(content_type, head)


def is_hls(content_type: str, head: bytes) -> bool:
    """Return if this is an HLS playlist. The bytes take precedence over the type."""
    text = content(head)
    return bool(_HLS.match(text)) or (content_type in _HLS_TYPES and not _DASH.match(text))


def is_dash(content_type: str, head: bytes) -> bool:
    text = content(head)
    return bool(_DASH.match(text)) or (content_type == _DASH_TYPE and not _HLS.match(text))


def content(head: bytes) -> bytes:
    """Return the text without what precedes its first tag or word."""
    text = _as_utf8(head)
    return text[_behind_prolog(text) :]


def _as_utf8(head: bytes) -> bytes:
    """Return the text as UTF-8. UTF-16 is recognised by its mark or its first tag, and by a zero in
    every other byte."""
    for mark, coding in _UTF_16:
        begins = head.startswith((mark, "<".encode(coding)))
        if begins and head[2:4].count(0) == 1:
            text = head.removeprefix(mark)
            return text[: len(text) & ~1].decode(coding, "replace").encode(errors="replace")
    return head.removeprefix(codecs.BOM_UTF8)


def _behind_prolog(text: bytes) -> int:
    """Return the offset after white space, comments, processing instructions and a document type
    other than HTML's; the end of the text if one of them is not closed. Looks at each byte once,
    whatever the text."""
    at = 0
    while begin := _PROLOG.match(text, at):
        at = begin.end()
        if mark := begin[1]:
            at = _closed(text, mark.lower(), at)
        elif begin.end() == begin.start():
            break
    return at


def _closed(text: bytes, mark: bytes, at: int) -> int:
    """Return the offset after what ``mark`` begins, which ends at ``at``; the end if it is open."""
    closing = {b"<!--": b"-->", b"<?": b"?>"}.get(mark, b">")
    found = text.find(closing, at - len(mark) + 2)
    if mark == b"<!doctype" and text.find(b"[", at, found) >= 0:
        found = text.find(closing, text.find(b"]", at))  # after an internal subset
    return found + len(closing) if found >= 0 else len(text)
