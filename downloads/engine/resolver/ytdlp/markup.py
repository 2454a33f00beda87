"""Inside the jail: the media that a page's markup names, in HTML and schema.org.

For markup that yt-dlp's patterns miss: attributes without quotes or in another order, elements that
are never closed, addresses relative to ``<base>``. It knows no site, and nothing of yt-dlp.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from downloads.engine.resolver.feeds.kinds import names_media
from downloads.engine.resolver.links import address
from downloads.engine.resolver.tags import TagReader

MOST: Final = 1000  # media of a page
_LONGEST: Final = 8 * 1024 * 1024  # characters
_HEAD: Final = 256 * 1024  # characters that have the base in them
_DEEPEST: Final = 30  # of a JSON-LD document
_SOURCES: Final = (
    "src", "data-src", "data-video-src", "data-source", "data-lazy-src", "data-mp4", "data-video",
    "data-url", "data-file",
)  # fmt: skip
_FRAME_SOURCES: Final = ("src", "data-src", "data-lazy-src", "data-litespeed-src")
_MEDIA: Final = {"video": "video", "audio": "audio", "amp-video": "video", "amp-audio": "audio"}
_OPEN_GRAPH: Final = frozenset(
    {"og:video", "og:video:url", "og:video:secure_url", "og:audio", "og:audio:url",
     "og:audio:secure_url", "twitter:player:stream"}
)  # fmt: skip
_CONTENT: Final = frozenset({"contenturl"})
_PLAYERS: Final = frozenset({"embedurl", "twitter:player"})
_OBJECTS: Final = frozenset({"videoobject", "audioobject", "mediaobject", "musicvideoobject"})
_LINKED_DATA: Final = "application/ld+json"
_REMARKS: Final = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[)|(?:-->|//\s*\]\]>|;)\s*$")
# In almost-JSON: with comments, a comma too many, escapes of other languages.
_CONTENT_URL: Final = re.compile(r'"contentUrl"\s*:\s*"((?:[^"\\]|\\.){1,8000})"', re.IGNORECASE)
_REFRESH: Final = re.compile(r"\s*[\d.]*\s*[;,\s]\s*(?:url\s*=\s*)?[\"']?([^\"']+)", re.IGNORECASE)
_MANIFESTS: Final = (".m3u8", ".mpd")


@dataclass(slots=True)
class Media:
    """One film or sound. ``sources``: (URL, media type) of each alternative file."""

    kind: str = "video"
    poster: str = ""
    title: str = ""
    sources: list[tuple[str, str]] = field(default_factory=list)

    def markup(self) -> str:
        """Return the element as HTML."""
        parts = [f'<{self.kind} poster="{html.escape(self.poster)}">']
        for url, kind in self.sources:
            parts.append(f'<source src="{html.escape(url)}" type="{html.escape(kind)}">')
        return "".join([*parts, f"</{self.kind}>"])


@dataclass(slots=True)
class Page:
    """The result for a page. ``media``: the best that was found; ``player``: another page that has
    it, also the only frame of a page that has nothing else; ``base``: the base of relative
    addresses."""

    base: str
    media: list[Media]
    player: str = ""


def read(text: str, url: str) -> Page:
    tags = _Tags(url)
    tags.feed(text[:_LONGEST])
    tags.close()
    ranks = (tags.elements, tags.structured, tags.described, tags.embedded)
    media = next(filter(None, map(_distinct, ranks)), [])
    players = [each for each in (*tags.players, *tags.refreshes) if each not in ("", url)]
    if not media and not players:
        media = _distinct(tags.links)
        frames = tags.frames if len(tags.frames) == 1 else tags.screens
        players = list(frames - {url}) if len(frames) == 1 else []
    return Page(tags.base, media, "" if media or not players else players[0])


def base_of(text: str, url: str) -> str:
    """Return the base URL of the page (HTML, 4.2.3: the first ``<base>``)."""
    head = text[:_HEAD]
    if "<base" not in head.lower():
        return url
    tags = _Tags(url)
    tags.feed(head)
    return tags.base


def _distinct(media: list[Media]) -> list[Media]:
    seen: set[str] = set()
    kept = []
    for each in media:
        each.sources = [source for source in each.sources if source[0] not in seen]
        seen.update(url for url, _ in each.sources)
        if each.sources:
            kept.append(each)
    return kept


class _Tags(TagReader):
    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = self.base = url
        self._has_base = False
        self._open: Media | None = None
        self._link: Media | None = None
        self._script: list[str] | None = None
        self.elements: list[Media] = []
        self.structured: list[Media] = []
        self.described: list[Media] = []
        self.embedded: list[Media] = []
        self.links: list[Media] = []
        self.players: list[str] = []
        self.refreshes: list[str] = []
        self.frames: set[str] = set()
        self.screens: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes: dict[str, str] = {}
        for key, value in attrs:
            attributes.setdefault(key, value or "")  # HTML: the first of its name counts
        match tag:
            case "base" if not self._has_base and attributes.get("href"):
                self._has_base = True
                self.base = address(attributes["href"], self._url) or self._url
            case "video" | "audio" | "amp-video" | "amp-audio":
                self._begin(_MEDIA[tag], attributes)
            case "source":
                self._source(attributes)
            case "meta":
                self._meta(attributes)
            case "object" | "embed":
                self._embedded(attributes)
            case "iframe" | "frame":
                self._framed(attributes)
            case "link":
                self._named(attributes, attributes.get("href", ""))
            case "a":
                self._anchor(attributes)
            case "script" if attributes.get("type", "").strip().lower().startswith(_LINKED_DATA):
                self._script = []

    def handle_endtag(self, tag: str) -> None:
        if tag in _MEDIA:
            self._open = None
        elif tag == "a":
            self._link = None
        elif tag == "script" and self._script is not None:
            self._structured("".join(self._script))
            self._script = None

    def handle_data(self, data: str) -> None:
        if self._script is not None:
            self._script.append(data)
        elif self._link is not None and len(self._link.title) < 200:
            self._link.title = " ".join(f"{self._link.title} {data}".split())

    def _add(self, to: list[Media], url: str, kind: str = "", media: Media | None = None) -> None:
        if url and len(to) < MOST:
            media = media or Media("audio" if kind.startswith("audio/") else "video")
            media.sources.append((url, kind))
            to.append(media)

    def _framed(self, attributes: dict[str, str]) -> None:
        """Note a frame, and if it may fill the screen, as a player does."""
        found = (address(attributes.get(name), self.base) for name in _FRAME_SOURCES)
        url = next(filter(None, found), "")
        if url and len(self.frames) < MOST:
            self.frames.add(url)
            allowed = attributes.get("allow", "").lower()
            if "allowfullscreen" in attributes or "fullscreen" in allowed:
                self.screens.add(url)

    def _begin(self, kind: str, attributes: dict[str, str]) -> None:
        self._open = Media(kind, address(attributes.get("poster"), self.base))
        if len(self.elements) < MOST:
            self.elements.append(self._open)
        if url := self._first(attributes):
            self._open.sources.append((url, attributes.get("type", "")))

    def _source(self, attributes: dict[str, str]) -> None:
        url, kind = self._first(attributes), attributes.get("type", "")
        if self._open is not None:
            if url and len(self._open.sources) < MOST:
                self._open.sources.append((url, kind))
        elif kind.startswith(("video/", "audio/")) or _is_media(url):
            self._add(self.elements, url, kind)

    def _first(self, attributes: dict[str, str]) -> str:
        found = (address(attributes.get(name), self.base) for name in _SOURCES)
        return next(filter(None, found), "")

    def _meta(self, attributes: dict[str, str]) -> None:
        content = attributes.get("content") or attributes.get("value") or ""
        if attributes.get("http-equiv", "").strip().lower() == "refresh":
            if found := _REFRESH.match(content):
                self.refreshes.append(address(found[1], self.base))
            return
        self._named(attributes, content)

    def _named(self, attributes: dict[str, str], value: str) -> None:
        """Take an address by what the element declares it to be."""
        values = (attributes.get(key, "") for key in ("property", "name", "itemprop"))
        names = {name for value in values for name in value.lower().split()}
        url = address(value, self.base)
        if names & _CONTENT:
            self._add(self.structured, url)
        elif names & _OPEN_GRAPH:
            self._add(self.described, url) if _is_media(url) else self.players.append(url)
        elif names & _PLAYERS:
            self.players.append(url)
        elif attributes.get("rel", "").lower() in ("video_src", "enclosure", "audio_src"):
            self._add(self.described, url, attributes.get("type", "")) if _is_media(url) else None

    def _embedded(self, attributes: dict[str, str]) -> None:
        url = address(attributes.get("data") or attributes.get("src"), self.base)
        kind = attributes.get("type", "")
        if kind.startswith(("video/", "audio/")) or _is_media(url):
            self._add(self.embedded, url, kind)

    def _anchor(self, attributes: dict[str, str]) -> None:
        url = address(attributes.get("href"), self.base)
        if _CONTENT.intersection(attributes.get("itemprop", "").lower().split()):
            self._add(self.structured, url)
        elif _is_media(url):
            self._link = Media(title=attributes.get("title", "")[:200])
            self._add(self.links, url, media=self._link)

    def _structured(self, text: str) -> None:
        """Read JSON-LD, with the comments that some pages put around it."""
        text = _REMARKS.sub("", text.lstrip("\ufeff"))
        try:
            document = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            for written in _CONTENT_URL.findall(text):
                self._add(self.structured, address(re.sub(r"\\(.)", r"\1", written), self.base))
            return
        for found in _objects(document, 0):
            poster, url = _value(found, "thumbnailUrl"), _content(found)
            player = _value(found, "embedUrl")
            media = Media(
                title=_value(found, "name")[:500],
                poster=address(poster, self.base) if poster else "",
            )
            if url:
                self._add(self.structured, address(url, self.base), media=media)
            elif player:
                self.players.append(address(player, self.base))


def _value(item: dict[str, Any], name: str) -> str:
    """Return the text of a property, or the first of several (JSON-LD 1.1, 4.3); else ""."""
    first = next((value for key, value in item.items() if key.lower() == name.lower()), None)
    values = first if isinstance(first, list) else [first]
    texts = map(_text, values)
    return html.unescape(next(filter(None, texts), ""))


def _text(value: Any) -> str:
    """Return the text of a value; that of a node or a value object is in a property (JSON-LD 1.1,
    9.2 and 9.5)."""
    if isinstance(value, dict):
        value = value.get("@id") or value.get("@value") or value.get("url")
    return value if isinstance(value, str) else ""


def _content(item: dict[str, Any]) -> str:
    url = _value(item, "contentUrl")
    other = "" if url else _value(item, "url")
    return url or (other if _is_media(other) else "")


def _objects(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON-LD document that are media (schema.org)."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for each in value:
            yield from _objects(each, depth + 1)
    elif isinstance(value, dict):
        kinds = value.get("@type")
        names = kinds if isinstance(kinds, list) else [kinds]
        if any(map(_is_object, names)) or _is_media(_value(value, "contentUrl")):
            yield value
        for each in value.values():
            if isinstance(each, dict | list):
                yield from _objects(each, depth + 1)


def _is_object(name: Any) -> bool:
    """Return if a type is that of a media object: as a term, a whole IRI or a compact one."""
    return isinstance(name, str) and re.split("[/:#]", name)[-1].lower() in _OBJECTS


def _is_media(url: str) -> bool:
    try:
        return names_media(url) or urlsplit(url).path.lower().endswith(_MANIFESTS)
    except ValueError:
        return False  # an invalid host
