"""Conversion of yt-dlp's answers to a Source or a Listing. Pure."""

from __future__ import annotations

import re
from datetime import date
from urllib.parse import urlsplit

from downloads.engine.core.errors import DownloadError, UnsupportedURL
from downloads.engine.core.media import (
    Chapter,
    Entry,
    Format,
    Fragment,
    Listing,
    Protocol,
    Source,
    Stream,
    StreamKind,
    Subtitle,
    Validators,
)
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

Headers = tuple[tuple[str, str], ...]


def source_of(info: RawVideo, url: str) -> Source:
    """Return the source. ``url``: the requested one. Raises UnsupportedURL if nothing can be
    downloaded."""
    if info.live:
        raise UnsupportedURL(
            "live", message="This is a live stream. Paste its link again once it has ended."
        )
    said = read_each(RawFormat, info.formats, MAX_FORMATS)
    formats = tuple(found for each in said if (found := _format(each, info)) is not None)
    if not formats:
        raise UnsupportedURL(
            f"none of {len(info.formats)} formats: {sorted({each.protocol for each in said})}",
            message="This is only offered in a way that Ferry cannot fetch. "
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
    )


def begins_at(info: RawVideo) -> float:
    """Return the Unix time from which all of its formats are available (YouTube: after the length
    of the advertisements before it); 0 if they are already."""
    said = read_each(RawFormat, info.formats, MAX_FORMATS)
    return max((each.available_at or 0 for each in said), default=0)


def listing_of(playlist: RawPlaylist, url: str, start: int) -> Listing:
    """Return the listing. ``start``: the number of entries before the first of these."""
    said = read_each(RawEntry, playlist.entries, MAX_ENTRIES)
    entries = tuple(_entry(each) for each in said if _web(each.url))
    return Listing(
        identity=_identity(playlist.key, playlist.id, url, playlist.page_url),
        title=line(playlist.title) or naming.provisional_title(url),
        entries=entries,
        start=start,
        total=playlist.total,
        more=playlist.more,
        thumbnail_url=_web(playlist.thumbnail),
    )


def _entry(said: RawEntry) -> Entry:
    known = said.key and said.id and said.key not in ANY_PAGE
    return Entry(
        url=said.url,
        title=line(said.title) or naming.provisional_title(said.url),
        duration=said.duration or None,
        thumbnail_url=_web(said.thumbnail),
        identity=_identity(said.key, said.id, said.url) if known else "",
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


def _format(said: RawFormat, info: RawVideo) -> Format | None:
    """Return the format; None for one that cannot be fetched as bytes, or is no sound and no
    picture."""
    protocol = _PROTOCOLS.get(said.protocol)
    kind = _kind(said)
    if protocol is None or kind is None or said.unusual or not _web(said.url):
        return None
    fragments = _fragments(said) if protocol is Protocol.FRAGMENTS else ()
    if protocol is Protocol.FRAGMENTS and not fragments:
        return None
    ext = _extension(said)
    whole = protocol is Protocol.FILE
    stream = Stream(
        url=said.url,
        headers=_headers(said, fragments),
        kind=kind,
        validators=Validators(size=said.filesize if whole else None),
        protocol=protocol,
        representation=said.format_id if protocol is Protocol.FRAGMENTS else "",
        fragments=fragments,
        chunk_size=said.chunk_size if whole else None,
    )
    return Format(
        id=_FORMAT_ID.sub("_", said.format_id)[:100] or "0",
        stream=stream,
        ext=ext,
        mime_type=_mime_type(ext, kind),
        quality=quality_label(said.height, said.width),
        height=said.height,
        width=said.width,
        fps=said.fps or None,
        video_codec=_codec(said.vcodec),
        audio_codec=_codec(said.acodec),
        bitrate=round(said.tbr * 1000, 1) if said.tbr else None,
        estimate=_estimate(said, info, whole),
        dynamic_range=said.dynamic_range if said.dynamic_range in _RANGES else "SDR",
        language=_language(said.language),
        preference=_preference(said),
    )


def _kind(said: RawFormat) -> StreamKind | None:
    if said.vcodec == "none":
        return None if said.acodec == "none" else StreamKind.AUDIO
    if said.acodec == "none":
        return StreamKind.VIDEO
    silent = said.vcodec is None and said.height is None and said.ext in _SOUND_EXTENSIONS
    return StreamKind.AUDIO if silent else StreamKind.MUXED


def _preference(said: RawFormat) -> int:
    """Return the preference. yt-dlp gives the original 10, a default of unknown origin 5, and dubs
    less than 0; for a format without a language its number is meaningless."""
    told = said.language_preference or 0
    return 0 if not said.language else -10 if told < 0 else min(told, 10)


def _estimate(said: RawFormat, info: RawVideo, whole: bool) -> int | None:
    if said.filesize is not None:
        return None if whole else said.filesize
    if said.filesize_approx is not None:
        return said.filesize_approx
    if said.tbr and info.duration:
        return int(said.tbr * 1000 / 8 * info.duration)
    return None


def _fragments(said: RawFormat) -> tuple[Fragment, ...]:
    """Return the fragments. A first piece of no duration is their header (yt-dlp's MPD parser)."""
    if len(said.fragments) != len(said.durations):
        return ()
    base = said.fragment_base_url or said.url
    try:
        urls = [url_text.join(base, path) for path in said.fragments]
    except ValueError:
        return ()
    if not all(map(_web, urls)):
        return ()
    header = len(urls) > 1 and not said.durations[0]
    return tuple(
        Fragment(url=url, duration=seconds, init=header and place == 0)
        for place, (url, seconds) in enumerate(zip(urls, said.durations, strict=True))
    )


def _headers(said: RawFormat, fragments: tuple[Fragment, ...]) -> Headers:
    """Return the headers. Cookies go only to the host that they were set for."""
    kept = tuple(
        (name, without_userinfo(name, value))
        for name, value in said.http_headers.items()
        if _TOKEN.fullmatch(name) and not _NOT_OURS_TO_SEND.fullmatch(name) and _sendable(value)
    )
    host = urlsplit(said.url).netloc
    at_home = all(urlsplit(fragment.url).netloc == host for fragment in fragments)
    if said.cookie and at_home and _sendable(said.cookie):
        return (*kept, ("Cookie", said.cookie))
    return kept


def _sendable(value: str) -> bool:
    return value.isprintable() and value.isascii()


def _extension(said: RawFormat) -> str:
    ext = said.ext.lower()
    if re.fullmatch(r"[a-z0-9]{1,10}", ext) and ext not in ("unknown", "none"):
        return ext
    return extensions.known_extension(naming.name_from_url(said.url)) or "mp4"


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
    for said in read_each(RawSubtitle, info.subtitles, MAX_SUBTITLES):
        usable = said.ext in _SUBTITLE_EXTENSIONS and _web(said.url) and _language(said.language)
        if not usable:
            continue
        held = found.setdefault((said.language, said.automatic), said)
        if _SUBTITLE_EXTENSIONS.index(said.ext) < _SUBTITLE_EXTENSIONS.index(held.ext):
            found[said.language, said.automatic] = said
    return tuple(
        Subtitle(
            language=_language(said.language),
            url=said.url,
            ext=said.ext,
            name=line(said.name),
            automatic=said.automatic,
            protocol=_PROTOCOLS.get(said.protocol, Protocol.FILE),
        )
        for said in found.values()
    )


def _chapters(info: RawVideo) -> tuple[Chapter, ...]:
    said = read_each(RawChapter, info.chapters, MAX_CHAPTERS)
    return tuple(
        Chapter(each.start, each.end, line(each.title)) for each in said if each.end > each.start
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
