"""The segments of a media playlist as fragments (RFC 8216, section 4.3.2). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from downloads.engine.core.byte_range import ByteRange
from downloads.engine.core.data_url import is_data_url, media_type
from downloads.engine.core.media import Encryption, Fragment
from downloads.engine.resolver.manifests.addresses import join
from downloads.engine.resolver.manifests.answers import MediaPlaylist, RawKey, RawMap
from downloads.engine.resolver.manifests.refusals import broken, nothing_but_gaps

_RANGE = re.compile(r"\s*(\d{1,18})\s*(?:@\s*(\d{1,18}))?\s*(?:$|[,;])")
_TOGETHER = 0.001  # seconds: gaps closer than this are one
_LISTS = (".m3u8", ".m3u", ".mpd")
_CONTAINERS = {
    ".aac": "aac", ".ac3": "ac3", ".cmfa": "mp4", ".cmfv": "mp4", ".ec3": "ec3", ".m4a": "mp4",
    ".m4f": "mp4", ".m4s": "mp4", ".m4v": "mp4", ".mp3": "mp3", ".mp4": "mp4", ".ts": "ts",
    ".vtt": "vtt", ".webm": "webm", ".webvtt": "vtt",
}  # fmt: skip

_TYPES = {
    "audio/aac": "aac", "audio/ac3": "ac3", "audio/mp4": "mp4", "audio/mpeg": "mp3",
    "text/vtt": "vtt", "video/mp2t": "ts", "video/mp4": "mp4", "video/webm": "webm",
}  # fmt: skip

Item = TypeVar("Item")


def container_of(playlist: MediaPlaylist) -> str:
    """Return the container of its segments: MP4 if there is a map, else by their names; TS if these
    say nothing."""
    if playlist.maps:
        return container_named(playlist.maps[0].uri, "mp4")
    real = next((each for each in playlist.segments if not each.gap), playlist.segments[0])
    return container_named(real.uri, "ts")


def container_named(url: str, otherwise: str) -> str:
    if is_data_url(url):
        return _TYPES.get(media_type(url), otherwise)
    suffix = PurePosixPath(unquote(urlsplit(url).path)).suffix.lower()
    return _CONTAINERS.get(suffix, otherwise)


def listed_bytes(playlist: MediaPlaylist) -> int | None:
    """Return the sum of the byte ranges of a playlist; None if it has none."""
    lengths = [_RANGE.match(segment.byterange) for segment in playlist.segments]
    if not lengths or None in lengths:
        return None
    return sum(int(match[1]) for match in lengths if match)


class Fragmenting:
    """A converter of one playlist. ``url`` is the playlist's own. ``gaps``: the declared gaps, as
    start and length in seconds by its own clock; known once ``fragments`` has run."""

    def __init__(self, playlist: MediaPlaylist, url: str) -> None:
        self._playlist = playlist
        self._url = url
        self._ends: dict[str, int] = {}  # end of the last range, by URL
        self._key_urls: dict[str, str] = {}  # many segments may share one key
        self.gaps: list[tuple[float, float]] = []

    def fragments(self) -> tuple[Fragment, ...]:
        """Return the fragments in playing order. Raises BlockedAddress, BadManifest; Incomplete if
        all of it is missing at the source."""
        found = tuple(self._walk())
        if not any(not fragment.init for fragment in found):
            raise nothing_but_gaps()
        if any(_is_list(url, self._url) for url in {fragment.url for fragment in found}):
            raise broken("a playlist of playlists, or one that includes itself")
        return found

    def _walk(self) -> Iterator[Fragment]:
        part, held, begun, at = 0, None, False, 0.0
        for place, segment in enumerate(self._playlist.segments):
            number = self._playlist.sequence + place
            url = join(self._url, segment.uri, data=True)
            span = self._span(url, segment.byterange)
            if segment.discontinuity or (begun and not segment.gap and segment.map != held):
                part += begun
                begun = False
            at += segment.seconds
            if segment.gap:
                self._add_gap(at - segment.seconds, segment.seconds)
                continue
            if not begun and segment.map is not None:
                yield self._init(segment.map, number, part)
            begun, held = True, segment.map
            yield Fragment(
                url=url,
                range=span,
                encryption=self._encryption(segment.key, number),
                duration=segment.seconds,
                part=part,
            )

    def _add_gap(self, start: float, length: float) -> None:
        if self.gaps and abs(sum(self.gaps[-1]) - start) < _TOGETHER:
            start, before = self.gaps.pop()
            length += before
        self.gaps.append((start, length))

    def _init(self, place: int, number: int, part: int) -> Fragment:
        raw_map = _at(self._playlist.maps, place)
        return Fragment(
            url=join(self._url, raw_map.uri, data=True),
            range=_explicit(raw_map),
            encryption=self._encryption(raw_map.key, number),
            init=True,
            part=part,
        )

    def _span(self, url: str, text: str) -> ByteRange | None:
        """Return the byte range. Without an offset it begins where the last one of the same URL
        ended."""
        if not text:
            return None
        length, offset = _length_and_start(text)
        start = self._ends.get(url, 0) if offset is None else offset
        self._ends[url] = start + length
        return ByteRange(start, start + length)

    def _encryption(self, place: int | None, number: int) -> Encryption | None:
        """Return the encryption. The IV is the media sequence number if none is given (5.2)."""
        if place is None:
            return None
        key: RawKey = _at(self._playlist.keys, place)
        if key.uri not in self._key_urls:
            self._key_urls[key.uri] = join(self._url, key.uri, data=True)
        return Encryption(self._key_urls[key.uri], key.iv or f"{number:032x}", key.method)


def _is_list(url: str, own: str) -> bool:
    """Return if a segment's URL is a list, this one or another: but ``list.m3u8?part=1`` within
    ``list.m3u8`` is a segment."""
    if is_data_url(url):
        return False
    path = url.partition("?")[0].partition("#")[0]
    return url == own or (path != own.partition("?")[0] and path.lower().endswith(_LISTS))


def _explicit(raw_map: RawMap) -> ByteRange | None:
    if not raw_map.byterange:
        return None
    length, start = _length_and_start(raw_map.byterange)
    return ByteRange(start or 0, (start or 0) + length)


def _length_and_start(text: str) -> tuple[int, int | None]:
    match = _RANGE.match(text)
    if match is None or int(match[1]) == 0:
        raise broken("a byte range that is none")
    return int(match[1]), None if match[2] is None else int(match[2])


def _at(items: list[Item], place: int) -> Item:
    if place >= len(items):
        raise broken("a key or a map that is not there")
    return items[place]
