"""Inside the jail: yt-dlp's generic extractor, reading a page's addresses as browsers do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import unquote

from yt_dlp.extractor import generic
from yt_dlp.utils import ExtractorError, url_basename

from downloads.engine.resolver.ytdlp import markup

_HOPS: Final = 8  # from page to page, by their references
_is_html = generic.is_html


def _is_markup(first: bytes) -> bool:
    """Return if the bytes may begin a page. yt-dlp takes one that begins with a warning of its
    server's, or with a screen of white space, for a film."""
    return bool(_is_html(first)) or not first.strip() or (b"<" in first and b"\x00" not in first)


generic.is_html = _is_markup


class GenericIE(generic.GenericIE):
    """A subclass that replaces yt-dlp's own by name. Its findings come first; then media that the
    markup names and its patterns miss. It ignores ``<base>``, so it is given that base."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._pages = 0

    def _extract_embeds(
        self, url: str, webpage: str, *, urlh: Any = None, info_dict: Mapping[str, Any] = {}
    ) -> list[Any]:
        self._pages += 1
        if self._pages > _HOPS:
            raise ExtractorError("this page leads to others without an end", expected=True)
        here = urlh.url if urlh else url
        base = markup.base_of(webpage, here)
        found = list(
            super()._extract_embeds(
                url if base == here else base, webpage, urlh=urlh, info_dict=info_dict
            )
        )
        found = _usable(found)
        for each in found if base != here else ():
            _refer(each, base, here)
            if each.get("title", "").partition(" (")[0] == self._generic_title(base, webpage):
                each["title"] = self._generic_title(webpage=webpage) or _file_name(each)
        return found or self._named(webpage, here, info_dict)

    def _named(self, webpage: str, here: str, info_dict: Mapping[str, Any]) -> list[Any]:
        """Return the media that the markup names, or the page that it refers to."""
        page = markup.read(webpage, here)
        if page.player:
            return [self.url_result(page.player)]
        page_id = info_dict.get("id") or "page"
        title = self._generic_title(webpage=webpage)
        found = []
        for number, media in enumerate(page.media, start=1):
            entries = self._parse_html5_media_entries(
                here, media.markup(), page_id, m3u8_id="hls", mpd_id="dash"
            )
            for entry in entries:
                entry["id"] = f"{page_id}-{number}"
                names = (title, media.title) if len(page.media) == 1 else (media.title, title)
                entry["title"] = next(filter(None, names), None) or _file_name(entry)
                found.append(entry)
        return found


def _usable(entries: list[Any]) -> list[Any]:
    """Return the entries without those that only the page's own script can play (``blob:``), and
    without duplicates for wide and narrow screens."""
    kept, seen = [], set()
    for each in entries:
        if each.get("formats") and each.get("_type", "video") == "video":
            each["formats"] = [one for one in each["formats"] if _is_web(one.get("url"))]
            urls = frozenset(one["url"] for one in each["formats"])
            if not urls or urls in seen:
                continue
            seen.add(urls)
        kept.append(each)
    return kept


def _is_web(url: Any) -> bool:
    return str(url).strip().lower().startswith(("http://", "https://"))


def _file_name(value: Any) -> str:
    """Return the media's file name, if neither it nor its page has a title."""
    url = (value.get("formats") or [value])[-1].get("url") or ""
    name = unquote(url_basename(url))
    return name.rpartition(".")[0] or name or "video"


def _refer(found: Any, base: str, here: str) -> None:
    """Set the page itself, not its base, as the referrer."""
    for each in (found, *(found.get("formats") or ())):
        headers = each.get("http_headers") or {}
        for name, value in headers.items():
            if name.lower() == "referer" and value == base:
                headers[name] = here
