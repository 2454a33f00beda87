"""Conversion of yt-dlp's info dicts to JSON for ``answer``: only used fields, cut to size.

Runs in the jail. It aims at robustness; that nothing in it can be trusted is the reader's concern.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from yt_dlp.utils import determine_protocol

from downloads.engine.resolver.links import written
from downloads.engine.resolver.ytdlp.answer import (
    ANY_PAGE,
    MAX_CHAPTERS,
    MAX_ENTRIES,
    MAX_FORMATS,
    MAX_FRAGMENTS,
    MAX_SUBTITLES,
)

Plain = dict[str, Any]

_UNUSUAL = (
    "hls_aes", "hls_media_playlist_data", "extra_param_to_segment_url", "extra_param_to_key_url",
)  # fmt: skip


def plain_info(info: Mapping[str, Any], cookies: Any) -> Plain:
    """Return a video as plain data. ``cookies`` is yt-dlp's jar: cookies set in the meantime belong
    to its files."""
    return {
        "key": _text(info.get("extractor_key"), 200),
        "id": _text(info.get("id"), 2000),
        "title": _title(info),
        "page_url": _url(info.get("webpage_url")),
        "thumbnail": _url(info.get("thumbnail")),
        "duration": _number(info.get("duration")),
        "uploader": _text(info.get("uploader") or info.get("channel"), 2000),
        "upload_date": _text(info.get("upload_date"), 200) or None,
        "description": _text(info.get("description"), 20_000),
        "live": bool(info.get("is_live")) or info.get("live_status") == "is_upcoming",
        "formats": [
            _format(each, cookies) for each in islice(info.get("formats") or [info], MAX_FORMATS)
        ],
        "subtitles": list(islice(_subtitles(info), MAX_SUBTITLES)),
        "chapters": [
            {
                "start": _number(each.get("start_time")) or 0,
                "end": _number(each.get("end_time")) or 0,
                "title": _text(each.get("title"), 2000),
            }
            for each in islice(info.get("chapters") or [], MAX_CHAPTERS)
        ],
    }


def _title(info: Mapping[str, Any]) -> str:
    """Return the title without a count: even a single video in a page's markup is numbered, "A film
    (1)"."""
    title = _text(info.get("title"), 2000)
    return title.removesuffix(" (1)") if info.get("extractor_key") in ANY_PAGE else title


def plain_playlist(info: Mapping[str, Any], count: int) -> Plain:
    """Return ``count`` entries of a playlist. One more was requested: if it came, more follow."""
    entries = [each for each in info.get("entries") or [] if each]
    total = info.get("playlist_count")
    return {
        "key": _text(info.get("extractor_key"), 200),
        "id": _text(info.get("id"), 2000),
        "title": _text(info.get("title"), 2000),
        "page_url": _url(info.get("webpage_url")),
        "thumbnail": _url(info.get("thumbnail") or _best_thumbnail(info)),
        "total": total if isinstance(total, int) else None,
        "more": len(entries) > count,
        "entries": [_entry(each) for each in entries[: min(count, MAX_ENTRIES)]],
    }


def _entry(info: Mapping[str, Any]) -> Plain:
    flat = info.get("_type") in ("url", "url_transparent")
    url = info.get("url") if flat else _own_url(info)
    return {
        "url": _url(str(url or "").partition("#__youtubedl_smuggle=")[0]),
        "title": _text(info.get("title"), 2000),
        "key": _text(info.get("ie_key") or info.get("extractor_key"), 200),
        "id": _text(info.get("id"), 2000),
        "duration": _number(info.get("duration")),
        "thumbnail": _url(info.get("thumbnail") or _best_thumbnail(info)),
    }


def _own_url(info: Mapping[str, Any]) -> Any:
    """Return the own URL of one of several videos of a page: the page's own is common to all of
    them."""
    formats = info.get("formats") or []
    own_page = info.get("extractor_key") not in ANY_PAGE and info.get("webpage_url")
    if own_page or not formats:
        return own_page or info.get("url")
    return formats[-1].get("manifest_url") or formats[-1].get("url")


def _best_thumbnail(info: Mapping[str, Any]) -> Any:
    thumbnails = info.get("thumbnails") or []
    return thumbnails[-1].get("url") if thumbnails else None


def _format(info: Mapping[str, Any], cookies: Any) -> Plain:
    url = _url(info.get("url"))
    protocol = info.get("protocol") or determine_protocol(dict(info))
    found: Plain = {
        "format_id": _text(info.get("format_id"), 200),
        "url": url,
        "protocol": _text(protocol, 200),
        "ext": _text(info.get("ext"), 200),
        "fps": _number(info.get("fps")),
        "tbr": _number(info.get("tbr")) or _sum(info.get("vbr"), info.get("abr")),
        "http_headers": {
            str(name)[:200]: str(value)[:16_000]
            for name, value in islice((info.get("http_headers") or {}).items(), 50)
        },
        "cookie": _text(cookies.get_cookie_header(url), 16_000) if info.get("cookies") else "",
        "available_at": _number(info.get("available_at")),
        "chunk_size": (info.get("downloader_options") or {}).get("http_chunk_size"),
        "unusual": any(info.get(name) for name in _UNUSUAL) or bool(info.get("has_drm")),
    }
    for name in ("vcodec", "acodec", "language", "dynamic_range"):
        found[name] = _text(info.get(name), 200) or None
    for name in ("width", "height", "filesize", "filesize_approx", "language_preference"):
        number = _number(info.get(name))
        found[name] = None if number is None else int(number)
    if protocol == "http_dash_segments":
        found |= _fragments(info)
    return found


def _fragments(info: Mapping[str, Any]) -> Plain:
    """Return one fragment more than the limit: the reader then leaves the format out."""
    pieces = list(islice(info.get("fragments") or [], MAX_FRAGMENTS + 1))
    return {
        "fragment_base_url": _url(info.get("fragment_base_url")) or None,
        "fragments": [_url(each.get("url") or each.get("path")) for each in pieces],
        "durations": [_number(each.get("duration")) or 0 for each in pieces],
    }


def _subtitles(info: Mapping[str, Any]) -> Iterable[Plain]:
    for field, automatic in (("subtitles", False), ("automatic_captions", True)):
        for language, offers in (info.get(field) or {}).items():
            if language == "live_chat":
                continue
            for offer in offers or []:
                if offer.get("url"):
                    yield {
                        "language": _text(language, 200),
                        "url": _url(offer["url"]),
                        "ext": _text(offer.get("ext"), 200),
                        "name": _text(offer.get("name"), 2000),
                        "automatic": automatic,
                        "protocol": _text(offer.get("protocol"), 200),
                    }


def _sum(*numbers: Any) -> float | None:
    return sum(_number(number) or 0 for number in numbers) or None


def _number(value: Any) -> float | int | None:
    usable = isinstance(value, int | float) and not isinstance(value, bool)
    return value if usable and math.isfinite(value) and value >= -(10**6) else None


def _url(value: Any) -> str:
    """Return the URL as browsers read it: line ends are removed, blanks encoded."""
    return written(_text(value, 100_000))


def _text(value: Any, most: int) -> str:
    """Return text that can be encoded: pages contain lone surrogates."""
    text = "" if value is None else str(value)
    return text[:most].encode("utf-8", "replace").decode()
