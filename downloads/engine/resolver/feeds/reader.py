"""Inside the jail: the films and sounds that a feed or a player's playlist names.

RSS (rssboard.org/rss-specification), Atom (RFC 4287), Media RSS, Apple's podcast tags, XSPF and
ASX are read by one handler, by the local names of their elements; M3U and PLS line by line.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from xml.parsers import expat

from downloads.engine.resolver.feeds.kinds import ending_of, names_media
from downloads.engine.resolver.links import address
from downloads.engine.resolver.tags import TagReader

_ITEMS: Final = frozenset({"item", "entry", "track"})
_LONGEST: Final = 2000  # characters of a title
_TEXTS: Final = frozenset({"title", "duration", "location", "link", "image", "url", "thumbnail"})
# An open end is the text's end: looked for behind each of its begins, it would take quadratic time.
_CDATA: Final = re.compile(r"<!\[CDATA\[(.*?)(?:\]\]>|\Z)", re.DOTALL)
_CLOCK: Final = re.compile(r"(?:(?:(\d{1,5}):)?(\d{1,5}):)?(\d{1,9}(?:\.\d{1,6})?)")
_PLAYED: Final = ("audio/", "video/", "application/x-mpegurl", "application/vnd.apple.mpegurl")
_NOT_PLAYED: Final = (
    "application/x-shockwave-flash",
    "application/x-bittorrent",
    "image/",
    "text/",
)
# Request headers for Kodi, appended to the link.
_HEADERS: Final = re.compile(r"\|[\w-]+=.*$")
_EXTINF: Final = re.compile(r"#EXTINF:\s*+(-?\d++(?:\.\d++)?)?[^,]*,(.*)", re.IGNORECASE)
_PLS: Final = re.compile(r"(File|Title|Length)(\d{1,6})\s*=(.*)", re.IGNORECASE)


@dataclass(slots=True)
class _Item:
    base: str
    title: str = ""
    seconds: float | None = None
    thumbnail: str = ""
    page: str = ""
    # (how good, URL): the first of the best is taken
    media: list[tuple[int, str]] = field(default_factory=list)
    has_group: bool = False

    def offer(self, worth: int, url: str) -> None:
        if worth and address(url, self.base):
            self.media.append((worth, url))

    def entry(self) -> dict[str, Any] | None:
        """Return the entry as a dict; None if there is nothing to play."""
        best = max(self.media, key=lambda each: each[0], default=(0, ""))[1]
        page = self.page if self.has_group or names_media(self.page) else ""
        url = address(best or page, self.base)
        if not url:
            return None
        return {
            "url": url,
            "title": self.title,
            "seconds": self.seconds,
            "thumbnail": address(self.thumbnail, self.base),
        }


def read(text: str, url: str, start: int, count: int) -> dict[str, Any]:
    """Return the title, the thumbnail, ``count`` entries from ``start`` on, and the number of all.
    Text that is no feed has no entries."""
    text = text.lstrip("\ufeff \t\r\n")
    if text.startswith("<"):
        return _of_xml(text, url, start, count)
    is_pls, title = text[:10].lower() == "[playlist]", ""
    if text.startswith("{"):
        title, items = _of_json(text, url)
    else:
        items = list(_of_pls(text, url) if is_pls else _of_m3u(text, url))
    entries = [entry for item in items if (entry := item.entry())]
    return {
        "title": title,
        "thumbnail": "",
        "entries": entries[start : start + count],
        "total": len(entries),
    }


# --- XML ----------------------------------------------------------------------------------


class _Handler:
    """A parser target that takes elements in document order."""

    def __init__(self, url: str, start: int, count: int) -> None:
        self._first, self._end = start, start + count
        self._bases = [url]
        self._path: list[str] = []
        self._text: list[str] = []
        self._item: _Item | None = None
        self._in_milliseconds = False
        self.title = self.thumbnail = ""
        self.entries: list[dict[str, Any]] = []
        self.total = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.lower()
        local = name.rpartition(":")[2]
        attributes = {key.lower(): value or "" for key, value in attributes.items()}
        base = address(attributes.get("xml:base"), self._bases[-1]) or self._bases[-1]
        self._bases.append(base)
        self._path.append(name)
        self._in_milliseconds |= local == "track"
        self._text = []
        if local in _ITEMS:
            self._item = _Item(base)
        elif self._item is None:
            if local in ("image", "thumbnail") and (link := _link(attributes)):
                self.thumbnail = self.thumbnail or address(link, base)
        else:
            self._inside(self._item, name, local, attributes)

    def _inside(self, item: _Item, name: str, local: str, attributes: dict[str, str]) -> None:
        link, kind = _link(attributes), attributes.get("type", "").lower()
        match local:
            case "enclosure":
                item.offer(
                    _enclosed(link, kind or attributes.get("enc:type", "").lower()) * 3, link
                )
            case "link" if attributes.get("rel", "").rpartition("/")[2] == "enclosure":
                item.offer(_enclosed(link, kind) * 3, link)
            case "source" if "alternateenclosure" in "".join(self._path):
                item.offer(_enclosed(link, "") * 2, link)
            case "link" if attributes.get("rel", "alternate") == "alternate" and link:
                item.page = link
            case "content" if link:
                medium = attributes.get("medium", "") in ("audio", "video")
                worth = _worth(link, kind or ("video/" if medium else ""))
                worth += worth * (attributes.get("isdefault", "") == "true")
                item.offer(worth, link)
                item.seconds = item.seconds or _seconds(attributes.get("duration", ""))
            case "group":
                item.has_group = True
            case "ref" if link:
                item.offer(1, link)
            case "image" | "thumbnail" if link:
                item.thumbnail = item.thumbnail or link

    def data(self, text: str) -> None:
        if self._path and self._path[-1].rpartition(":")[2] in _TEXTS:
            self._text.append(text)

    def end(self, name: str) -> None:
        name = name.lower()
        if name not in self._path:
            return  # an end tag without a start
        while self._path.pop() != name:
            self._bases.pop()
        self._bases.pop()
        local = name.rpartition(":")[2]
        text = "".join(self._text).strip()
        self._text = []
        if local in _ITEMS:
            self._finish()
        elif text and self._item is None:
            self._of_all(local, text)
        elif text and self._item is not None:
            self._of_one(self._item, name, local, text)

    def _of_all(self, local: str, text: str) -> None:
        above = self._path[-1].rpartition(":")[2] if self._path else ""
        if local == "title" and above != "image":
            self.title = self.title or html.unescape(text)[:_LONGEST]
        elif local in ("url", "image") and (above == "image" or local == "image"):
            self.thumbnail = self.thumbnail or address(text, self._bases[-1])

    def _of_one(self, item: _Item, name: str, local: str, text: str) -> None:
        match local:
            case "title" if ":" not in name or not item.title:
                item.title = html.unescape(text)[:_LONGEST]
            case "duration":
                seconds = _seconds(text)
                item.seconds = seconds / 1000 if seconds and self._in_milliseconds else seconds
            case "location":
                item.offer(1, text)
            case "link":
                item.page = item.page or text
            case "image" | "thumbnail":
                item.thumbnail = item.thumbnail or text

    def _finish(self) -> None:
        entry = self._item.entry() if self._item else None
        self._item = None
        if entry is not None:
            if self._first <= self.total < self._end:
                self.entries.append(entry)
            self.total += 1


def _of_xml(text: str, url: str, start: int, count: int) -> dict[str, Any]:
    """Read the text as XML; if it is not well-formed, as browsers read tags: real feeds contain
    HTML's named characters and bare ampersands."""
    try:
        handler = _Handler(url, start, count)
        _strictly(text, handler)
    except (expat.ExpatError, _Declared):
        handler = _Handler(url, start, count)
        _leniently(text, handler)
    return {
        "title": handler.title,
        "thumbnail": handler.thumbnail,
        "entries": handler.entries,
        "total": handler.total,
    }


class _Declared(Exception):
    """A document that declares entities of its own: none of them is expanded."""


def _strictly(text: str, handler: _Handler) -> None:
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise _Declared

    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = handler.start
    parser.EndElementHandler = handler.end
    parser.CharacterDataHandler = handler.data
    parser.Parse(text, True)


def _leniently(text: str, handler: _Handler) -> None:
    class Tags(TagReader):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            handler.start(tag, {key: value or "" for key, value in attrs})

        def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.handle_starttag(tag, attrs)
            handler.end(tag)

        def handle_endtag(self, tag: str) -> None:
            handler.end(tag)

        def handle_data(self, data: str) -> None:
            handler.data(data)

    tags = Tags()
    tags.feed(_CDATA.sub(lambda found: html.escape(found[1]), text))
    tags.close()


def _link(attributes: dict[str, str]) -> str:
    found = (attributes.get(name) for name in ("url", "href", "src", "uri", "rdf:resource"))
    return next(filter(None, found), "").strip()


def _enclosed(link: str, kind: str) -> int:
    """Return the rank of an enclosure as ``_worth`` does; one without a telling name or type counts
    as playable (RSS 2.0)."""
    untold = kind in ("", "application/octet-stream") and not ending_of(link)
    return _worth(link, kind) or int(bool(link) and untold)


def _worth(link: str, kind: str) -> int:
    """Return the rank of a link; 0 for anything but a film or a sound."""
    if not link or kind.startswith(_NOT_PLAYED):
        return 0
    return 1 if kind.startswith(_PLAYED) or names_media(link) else 0


def _seconds(text: str) -> float | None:
    """Return the seconds of ``1:02:03``, ``62:03`` or ``3723`` (Apple's itunes:duration); None for
    anything else."""
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        return None
    hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds or None


# --- JSON ----------------------------------------------------------------------------------


def _of_json(text: str, url: str) -> tuple[str, list[_Item]]:
    """Read a JSON Feed 1.1: return its title, and its items with their attachments."""
    try:
        feed = json.loads(text)
    except (ValueError, RecursionError):
        return "", []
    items = []
    for entry in _objects(feed.get("items")):
        item = _Item(url, _text(entry, "title"), thumbnail=_text(entry, "image"))
        for each in _objects(entry.get("attachments")):
            link = _text(each, "url")
            item.offer(_enclosed(link, _text(each, "mime_type").lower()), link)
            seconds = each.get("duration_in_seconds")
            item.seconds = item.seconds or (_seconds(str(seconds)) if seconds else None)
        items.append(item)
    return _text(feed, "title"), items


def _objects(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _text(item: dict[str, Any], name: str) -> str:
    value = item.get(name)
    return value[:_LONGEST] if isinstance(value, str) else ""


# --- lines --------------------------------------------------------------------------------


def _of_m3u(text: str, url: str) -> Iterator[_Item]:
    title, seconds = "", None
    for line in map(str.strip, text.splitlines()):
        if match := _EXTINF.match(line):
            title, seconds = match[2].strip()[:_LONGEST], _seconds(match[1] or "")
        elif line and not line.startswith("#"):
            yield _Item(url, title, seconds, media=[(1, _HEADERS.sub("", line))])
            title, seconds = "", None


def _of_pls(text: str, url: str) -> Iterator[_Item]:
    items: dict[int, _Item] = {}
    for line in text.splitlines():
        if match := _PLS.match(line.strip()):
            item = items.setdefault(int(match[2]), _Item(url))
            match match[1].lower():
                case "file":
                    item.media = [(1, match[3].strip())]
                case "title":
                    item.title = match[3].strip()[:_LONGEST]
                case "length":
                    item.seconds = _seconds(match[3])
    yield from (items[number] for number in sorted(items))
