"""Conversion of yt-dlp's answers to a Source or a Listing. Pure."""

from __future__ import annotations

import re
from datetime import date
from urllib.parse import urlsplit

from downloads.engine.core.errors import DownloadError, UnsupportedURL
from downloads.engine.core.listing import Entry, Listing
from downloads.engine.core.media import (
    Chapter,
    Format,
    Fragment,
    Protocol,
    Source,
    Stream,
    StreamKind,
    Subtitle,
    Validators,
)
from downloads.engine.core.po_token_use import PoTokenUse
from downloads.engine.egress import url_text
from downloads.engine.egress.headers import without_userinfo
from downloads.engine.egress.target import parse
from downloads.engine.resolver import extensions, naming
from downloads.engine.resolver.quality import quality_label
from downloads.engine.resolver.text import without_controls
from downloads.engine.resolver.ytdlp.answer import (
    ANY_PAGE,
    MAX_CHAPTERS,
    MAX_ENTRIES,
    MAX_FORMATS,
    MAX_SUBTITLES,
    RawChapter,
    RawEntry,
    RawFormat,
    RawPlaylist,
    RawSubtitle,
    RawVideo,
    read_each,
)

_PROTOCOLS = {
    "http": Protocol.FILE,
    "https": Protocol.FILE,
    "m3u8": Protocol.HLS,
    "m3u8_native": Protocol.HLS,
    "http_dash_segments": Protocol.FRAGMENTS,
}
_SOUND_EXTENSIONS = frozenset(
    {"aac", "flac", "m4a", "mp3", "oga", "ogg", "opus", "wav", "weba", "wma"}
)
_SUBTITLE_EXTENSIONS = ("vtt", "srt", "ttml")  # the best first
# Headers that the client sets itself, and those that could change the target host.
_NOT_OURS_TO_SEND = re.compile(
    r"(?:accept-encoding|connection|content-.*|cookie|expect|forwarded|host|if-.*|keep-alive|"
    r"proxy-.*|range|te|trailer|transfer-encoding|upgrade|via|x-forwarded-.*|ytdl-.*)",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_BCP47 = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
_FORMAT_ID = re.compile(r"[^\w.:-]+", re.ASCII)
_DOORS = frozenset({"www", "m", "mobile", "music", "player"})
_RANGES = frozenset({"SDR", "HDR10", "HDR10+", "HDR12", "HLG", "DV"})

_PROVIDER_FAILED = (
    "The server's provider of PO tokens failed, so the site may have offered less than usual."
)

Headers = tuple[tuple[str, str], ...]


def source_of(info: RawVideo, url: str) -> Source:
    """Return the source. ``url``: the requested one. Raises UnsupportedURL if nothing can be
    downloaded."""
    if info.live:
        raise UnsupportedURL(
            "live", message="This is a live stream. Paste its link again when it has ended."
        )
    raw = read_each(RawFormat, info.formats, MAX_FORMATS)
    formats = tuple(found for each in raw if (found := _format(each, info)) is not None)
    if not formats:
        raise UnsupportedURL(
            f"none of {len(info.formats)} formats: {sorted({each.protocol for each in raw})}",
            message="The site offers this only in a form that Ferry cannot download. "
            "Look for another link to the same video.",
        )
    return Source(
        identity=_identity(info.key, info.id, url, info.page_url),
        title=line(info.title) or line(info.id) or naming.provisional_title(url),
        formats=formats,
        thumbnail_url=_web(info.thumbnail),
        duration=info.duration or None,
        page_url=_web(info.page_url) or url,
        uploader=line(info.uploader),
        published=_iso_date(info.upload_date),
        description=_paragraphs(info.description),
        subtitles=_subtitles(info),
        chapters=_chapters(info),
        notes=(_PROVIDER_FAILED,) if info.po_token is PoTokenUse.FAILED else (),
        po_token=info.po_token,
    )


def begins_at(info: RawVideo) -> float:
    """Return the Unix time from which all of its formats are available (YouTube: after the length
    of the advertisements before it); 0 if they are already."""
    raw = read_each(RawFormat, info.formats, MAX_FORMATS)
    return max((each.available_at or 0 for each in raw), default=0)


def listing_of(playlist: RawPlaylist, url: str, start: int) -> Listing:
    """Return the listing. ``start``: the number of entries before the first of these."""
    raw = read_each(RawEntry, playlist.entries, MAX_ENTRIES)
    entries = tuple(_entry(each) for each in raw if _web(each.url))
    return Listing(
        identity=_identity(playlist.key, playlist.id, url, playlist.page_url),
        title=line(playlist.title) or naming.provisional_title(url),
        entries=entries,
        start=start,
        total=playlist.total,
        more=playlist.more,
        thumbnail_url=_web(playlist.thumbnail),
    )


def _entry(raw: RawEntry) -> Entry:
    known = raw.key and raw.id and raw.key not in ANY_PAGE
    return Entry(
        url=raw.url,
        title=line(raw.title) or naming.provisional_title(raw.url),
        duration=raw.duration or None,
        thumbnail_url=_web(raw.thumbnail),
        identity=_identity(raw.key, raw.id, raw.url) if known else "",
    )


def _identity(key: str, id: str, url: str, page_url: str | None = None) -> str:
    """Return ``extractor:host:id``, with the host of its own page; ids are case-sensitive.

    Some extractors know software and not a site (PeerTube): anyone may run an instance, and reuse
    an id of another.
    """
    if key in ANY_PAGE or not id:
        return f"generic:{url}"
    return f"{key.lower()}:{_home(_web(page_url) or url)}:{line(id)}"


def _home(url: str) -> str:
    """Return the host, with its port; a site's aliases (``m.``, ``www.``) lead to the same
    things."""
    authority = parse(url).authority
    door, _, home = authority.partition(".")
    return home if door in _DOORS and "." in home else authority


# --- formats ------------------------------------------------------------------------------


def _format(raw: RawFormat, info: RawVideo) -> Format | None:
    """Return the format; None for one that cannot be fetched as bytes, or is no sound and no
    picture."""
    protocol = _PROTOCOLS.get(raw.protocol)
    kind = _kind(raw)
    if protocol is None or kind is None or raw.unusual or not _web(raw.url):
        return None
    stream = _stream(raw, protocol, kind)
    if protocol is Protocol.FRAGMENTS and not stream.fragments:
        return None
    ext = _extension(raw)
    return Format(
        id=_FORMAT_ID.sub("_", raw.format_id)[:100] or "0",
        stream=stream,
        ext=ext,
        mime_type=_mime_type(ext, kind),
        quality=quality_label(raw.height, raw.width),
        height=raw.height,
        width=raw.width,
        fps=raw.fps or None,
        video_codec=_codec(raw.vcodec),
        audio_codec=_codec(raw.acodec),
        bitrate=round(raw.tbr * 1000, 1) if raw.tbr else None,
        estimate=_estimate(raw, info, protocol is Protocol.FILE),
        dynamic_range=raw.dynamic_range if raw.dynamic_range in _RANGES else "SDR",
        language=_language(raw.language),
        preference=_preference(raw),
    )


def _stream(raw: RawFormat, protocol: Protocol, kind: StreamKind) -> Stream:
    listed, whole = protocol is Protocol.FRAGMENTS, protocol is Protocol.FILE
    fragments = _fragments(raw) if listed else ()
    return Stream(
        url=raw.url,
        headers=_headers(raw, fragments),
        kind=kind,
        validators=Validators(size=raw.filesize if whole else None),
        protocol=protocol,
        representation=raw.format_id if listed else "",
        fragments=fragments,
        chunk_size=raw.chunk_size if whole else None,
    )


def _kind(raw: RawFormat) -> StreamKind | None:
    if raw.vcodec == "none":
        return None if raw.acodec == "none" else StreamKind.AUDIO
    if raw.acodec == "none":
        return StreamKind.VIDEO
    silent = raw.vcodec is None and raw.height is None and raw.ext in _SOUND_EXTENSIONS
    return StreamKind.AUDIO if silent else StreamKind.MUXED


def _preference(raw: RawFormat) -> int:
    """Return the preference. yt-dlp gives the original 10, a default of unknown origin 5, and dubs
    less than 0; for a format without a language its number is meaningless."""
    preference = raw.language_preference or 0
    return 0 if not raw.language else -10 if preference < 0 else min(preference, 10)


def _estimate(raw: RawFormat, info: RawVideo, whole: bool) -> int | None:
    if raw.filesize is not None:
        return None if whole else raw.filesize
    if raw.filesize_approx is not None:
        return raw.filesize_approx
    if raw.tbr and info.duration:
        return int(raw.tbr * 1000 / 8 * info.duration)
    return None


def _fragments(raw: RawFormat) -> tuple[Fragment, ...]:
    """Return the fragments. A first piece of no duration is their header (yt-dlp's MPD parser)."""
    if len(raw.fragments) != len(raw.durations):
        return ()
    base = raw.fragment_base_url or raw.url
    try:
        urls = [url_text.join(base, path) for path in raw.fragments]
    except ValueError:
        return ()
    if not all(map(_web, urls)):
        return ()
    header = len(urls) > 1 and not raw.durations[0]
    return tuple(
        Fragment(url=url, duration=seconds, init=header and place == 0)
        for place, (url, seconds) in enumerate(zip(urls, raw.durations, strict=True))
    )


def _headers(raw: RawFormat, fragments: tuple[Fragment, ...]) -> Headers:
    """Return the headers. Cookies go only to the host that they were set for."""
    kept = tuple(
        (name, without_userinfo(name, value))
        for name, value in raw.http_headers.items()
        if _TOKEN.fullmatch(name) and not _NOT_OURS_TO_SEND.fullmatch(name) and _sendable(value)
    )
    host = urlsplit(raw.url).netloc
    at_home = all(urlsplit(fragment.url).netloc == host for fragment in fragments)
    if raw.cookie and at_home and _sendable(raw.cookie):
        return (*kept, ("Cookie", raw.cookie))
    return kept


def _sendable(value: str) -> bool:
    return value.isprintable() and value.isascii()


def _extension(raw: RawFormat) -> str:
    ext = raw.ext.lower()
    if re.fullmatch(r"[a-z0-9]{1,10}", ext) and ext not in ("unknown", "none"):
        return ext
    return extensions.known_extension(naming.name_from_url(raw.url)) or "mp4"


def _mime_type(ext: str, kind: StreamKind) -> str:
    guess = extensions.choose_type(ext, "")
    sound = kind is StreamKind.AUDIO and guess.startswith("video/")
    return guess.replace("video/", "audio/", 1) if sound else guess


def _codec(name: str | None) -> str | None:
    return None if name in (None, "", "none") else name


# --- the rest -----------------------------------------------------------------------------


def _subtitles(info: RawVideo) -> tuple[Subtitle, ...]:
    """Return for each language and origin the best of its file formats."""
    found: dict[tuple[str, bool], RawSubtitle] = {}
    for raw in read_each(RawSubtitle, info.subtitles, MAX_SUBTITLES):
        usable = raw.ext in _SUBTITLE_EXTENSIONS and _web(raw.url) and _language(raw.language)
        if not usable:
            continue
        held = found.setdefault((raw.language, raw.automatic), raw)
        if _SUBTITLE_EXTENSIONS.index(raw.ext) < _SUBTITLE_EXTENSIONS.index(held.ext):
            found[raw.language, raw.automatic] = raw
    return tuple(
        Subtitle(
            language=_language(raw.language),
            url=raw.url,
            ext=raw.ext,
            name=line(raw.name),
            automatic=raw.automatic,
            protocol=_PROTOCOLS.get(raw.protocol, Protocol.FILE),
        )
        for raw in found.values()
    )


def _chapters(info: RawVideo) -> tuple[Chapter, ...]:
    raw = read_each(RawChapter, info.chapters, MAX_CHAPTERS)
    return tuple(
        Chapter(each.start, each.end, line(each.title)) for each in raw if each.end > each.start
    )


def _language(tag: str | None) -> str:
    tag = (tag or "").replace("_", "-")
    return tag if len(tag) <= 35 and _BCP47.fullmatch(tag) else ""


def _iso_date(digits: str | None) -> str:
    try:
        return date.fromisoformat(digits or "").isoformat()
    except ValueError:
        return ""


def _web(url: str | None) -> str:
    """Return the URL if it is an http(s) one, else ""."""
    try:
        parse(url or "")
    except DownloadError:
        return ""
    return url or ""


def line(text: str) -> str:
    """Return the text on one line, without control and direction characters."""
    return " ".join(map(without_controls, text.split()))[:500].strip()


def _paragraphs(text: str) -> str:
    return "\n".join(map(without_controls, text.splitlines())).strip()[:10_000]
