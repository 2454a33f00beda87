"""A link in pasted text, freed of what chat programs, mails, documents and terminals add. Pure."""

from __future__ import annotations

import ipaddress
import re
from typing import Final

from downloads.engine.core.errors import UnsupportedURL
from downloads.engine.egress import url_text
from downloads.engine.egress.target import MAX_URL, not_a_link, too_long

_HTTP: Final = re.compile(r"https?:", re.IGNORECASE)
_HAS_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_LOST_COLON: Final = re.compile(r"(https?)(?=//)", re.IGNORECASE)
# "example.com/x", "example.com:8080": people copy links without their scheme.
_BARE_HOST: Final = re.compile(
    r"(?P<host>[^\s/?#:@\[\]\\]+(?:\.[^\s/?#:@\[\]\\]+)+\.?|localhost|\[[0-9a-f:.]+\])"
    r"(?::(?P<port>\d+))?(?=[/?#\\]|$)",
    re.IGNORECASE,
)
_NEXT_LINK: Final = re.compile(r"\s(?:https?:)?//", re.IGNORECASE)
# Local network names, which rarely have a certificate.
_HERE: Final = re.compile(
    r"(?:.*\.)?(?:localhost|local|lan|internal|home\.arpa|test)\.?", re.IGNORECASE
)
_INVISIBLE: Final = "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff"
_PREFIX: Final = re.compile(r"(?:(?:url|view-source)[:=]\s*|vlc://)(?=https?:)", re.IGNORECASE)
# Prefixes and schemes that podcast programs use for a feed's URL.
_FEED: Final = re.compile(r"^(?:feed:(?://)?|(?:itpc|pcast|podcast|rss)://)", re.IGNORECASE)
_LINK: Final = re.compile(r"(?<![\w:+.-])https?://[^\s\"'`<>\[\]\\]+", re.IGNORECASE)
_COMMAND: Final = re.compile(
    r"(?:\$ )?(?:aria2c|curl|ffmpeg|mpv|streamlink|vlc|wget|youtube-dl|yt-dlp)(?:\.exe)?\s"
)
_MARKDOWN: Final = re.compile(r"!?\[[^\]]*\]\(\s*(.+?)(?:\s+[\"'(].*[\"')])?\s*\)", re.DOTALL)
_PAIRS: Final = (
    ("<", ">"), ('"', '"'), ("'", "'"), ("`", "`"), ("(", ")"), ("[", "]"), ("{", "}"),
    ("**", "**"), ("*", "*"), ("__", "__"), ("_", "_"), ("~~", "~~"), ("||", "||"),
    ("\u201c", "\u201d"), ("\u201e", "\u201c"), ("\u2018", "\u2019"), ("\u00ab", "\u00bb"),
    ("\u300c", "\u300d"), ("\u300e", "\u300f"), ("\u3010", "\u3011"), ("\uff08", "\uff09"),
)  # fmt: skip
_OPENING: Final = "<\"'`([{\u201c\u201e\u2018\u00ab\u300c\u300e\u3010\uff08"
_STOPS: Final = ".,;:!?\u2026\u3002\uff0c\u3001\uff1b\uff1a\uff01\uff1f"
_CLOSING: Final = {
    ")": "(", "]": "[", "}": "{", ">": "<", '"': "", "`": "", "\u201d": "", "\u2019": "",
    "\u00bb": "", "\u300d": "", "\u300f": "", "\u3011": "", "\uff09": "",
}  # fmt: skip


def link_in(text: str) -> str:
    """Return the only link in a pasted text, with a scheme. Raises UnsupportedURL."""
    text = _only_link(unwrap(text))
    if len(text) > MAX_URL:
        raise too_long()
    if _NEXT_LINK.search(text):
        raise UnsupportedURL("several links", message="These are several links. Paste one alone.")
    return _with_scheme(text)


def _only_link(text: str) -> str:
    """Return the only link among words, or the first one in a command line."""
    if _HTTP.match(text) or _HAS_SCHEME.match(text):
        return text
    found = dict.fromkeys(_LINK.findall(text))
    if len(found) == 1 or (found and _COMMAND.match(text)):
        return unwrap(next(iter(found)))
    return text


def unwrap(text: str) -> str:
    """Return a link without the quotes, brackets, marks and full stops around it.

    A full stop at the end of a query stays: it may belong to a signature.
    """
    before = None
    while text != before:
        before = text
        text = _PREFIX.sub("", text.strip().strip(url_text.AROUND + _INVISIBLE).strip(), count=1)
        text = _FEED.sub("", text, count=1)
        if found := _MARKDOWN.fullmatch(text):
            text = found[1]
        text = _without_stops(_without_pair(text))
    return text


def _without_pair(text: str) -> str:
    ended = text.rstrip(_STOPS)
    for opening, closing in _PAIRS:
        inner = ended[len(opening) : len(ended) - len(closing)]
        if inner and ended.startswith(opening) and ended.endswith(closing):
            return inner
    bare = text.lstrip(_OPENING)
    return bare if _HTTP.match(bare) and not _HTTP.match(text) else text


def _without_stops(text: str) -> str:
    text = text.partition("#")[0]  # the fragment is never sent
    if "?" in text[:-1] or text.rstrip(".").endswith("/"):
        return text
    last = text[-1:]
    if last in _CLOSING:
        opening = _CLOSING[last]
        balanced = opening and text.count(opening) >= text.count(last)
        return text if balanced else text[:-1]
    # "http:" and "C:" are no links followed by a colon
    return text[:-1] if last and last in _STOPS and "." in text[:-1] else text


def _with_scheme(url: str) -> str:
    if not url:
        raise UnsupportedURL(message="There is no link. Paste one like https://example.com/a.mp4.")
    if _HTTP.match(url) or _HAS_SCHEME.match(url):
        return url
    if found := _LOST_COLON.match(url):
        return f"{found[1]}:{url[found.end() :]}"
    bare = url.lstrip("/\\") if url.startswith(("//", "\\\\")) else url
    if found := _BARE_HOST.match(bare):
        return f"{_usual_scheme(found['host'], found['port'])}://{bare}"
    if re.search(r"\s", url):
        raise not_a_link("words")
    return url if bare == url else f"https://{bare}"


def _usual_scheme(host: str, port: str | None) -> str:
    """Return the scheme as Chromium's address bar does: https, but http for hosts that rarely have
    a certificate."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        secure = port in (None, "443", "8443") and not _HERE.fullmatch(host)
        return "https" if secure else "http"
    return "https" if port in ("443", "8443") else "http"
