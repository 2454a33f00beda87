"""The segments of a media playlist as fragments (RFC 8216, section 4.3.2). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from downloads.engine.core.media import Encryption, Fragment
from downloads.engine.resolver.manifests.addresses import join
from downloads.engine.resolver.manifests.answers import MediaPlaylist, RawKey, RawMap
from downloads.engine.resolver.manifests.refusals import broken

_RANGE = re.compile(r"(\d{1,18})(?:@(\d{1,18}))?")
_CONTAINERS = {
    ".aac": "aac", ".ac3": "ac3", ".cmfa": "mp4", ".cmfv": "mp4", ".ec3": "ec3", ".m4a": "mp4",
    ".m4f": "mp4", ".m4s": "mp4", ".m4v": "mp4", ".mp3": "mp3", ".mp4": "mp4", ".ts": "ts",
    ".vtt": "vtt", ".webm": "webm", ".webvtt": "vtt",
}  # fmt: skip

Range = tuple[int, int]
Item = TypeVar("Item")


def container_of(playlist: MediaPlaylist) -> str:
    """What its pieces are: MP4 where there is a map, else by their names; TS where these say
    nothing."""
    if playlist.maps:
        return container_named(playlist.maps[0].uri, "mp4")
    return container_named(playlist.segments[0].uri, "ts") if playlist.segments else "ts"


def container_named(url: str, otherwise: str) -> str:
    suffix = PurePosixPath(unquote(urlsplit(url).path)).suffix.lower()
    return _CONTAINERS.get(suffix, otherwise)


def listed_bytes(playlist: MediaPlaylist) -> int | None:
    """How many bytes the ranges of a playlist come to; None where it has none."""
    lengths = [_RANGE.match(segment.byterange) for segment in playlist.segments]
    if not lengths or None in lengths:
        return None
    return sum(int(match[1]) for match in lengths if match)


class Fragmenting:
    """``url`` is the playlist's own."""

    def __init__(self, playlist: MediaPlaylist, url: str) -> None:
        self._playlist = playlist
        self._url = url
        self._ends: dict[str, int] = {}  # of the last range of each URL

    def fragments(self) -> tuple[Fragment, ...]:
        """In playing order. Raises BlockedAddress, BadManifest."""
        found = tuple(self._walk())
        if not any(not fragment.init for fragment in found):
            raise broken("there is nothing in it")
        if any(_is_list(fragment.url, self._url) for fragment in found):
            raise broken("a playlist of playlists, or one that includes itself")
        return found

    def _walk(self) -> Iterator[Fragment]:
        part, held, begun = 0, None, False
        for place, segment in enumerate(self._playlist.segments):
            number = self._playlist.sequence + place
            url = join(self._url, segment.uri)
            span = self._span(url, segment.byterange)
            if segment.discontinuity or (begun and segment.map != held):
                part += begun
                begun = False
            if segment.gap:
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

    def _init(self, place: int, number: int, part: int) -> Fragment:
        said = _at(self._playlist.maps, place)
        return Fragment(
            url=join(self._url, said.uri),
            range=_explicit(said),
            encryption=self._encryption(said.key, number),
            init=True,
            part=part,
        )

    def _span(self, url: str, said: str) -> Range | None:
        """Without an offset a range begins where the last one of the same URL ended."""
        if not said:
            return None
        match = _RANGE.fullmatch(said.strip())
        if match is None or int(match[1]) == 0:
            raise broken("a byte range that is none")
        start = self._ends.get(url, 0) if match[2] is None else int(match[2])
        self._ends[url] = start + int(match[1])
        return start, start + int(match[1])

    def _encryption(self, place: int | None, number: int) -> Encryption | None:
        """The IV is the media sequence number where none is given (5.2)."""
        if place is None:
            return None
        key: RawKey = _at(self._playlist.keys, place)
        return Encryption(join(self._url, key.uri), key.iv or f"{number:032x}")


def _is_list(url: str, own: str) -> bool:
    return url == own or urlsplit(url).path.lower().endswith((".m3u8", ".m3u", ".mpd"))


def _explicit(said: RawMap) -> Range | None:
    if not said.byterange:
        return None
    match = _RANGE.fullmatch(said.byterange.strip())
    if match is None or int(match[1]) == 0:
        raise broken("a byte range that is none")
    start = int(match[2] or 0)
    return start, start + int(match[1])


def _at(items: list[Item], place: int) -> Item:
    if place >= len(items):
        raise broken("a key or a map that is not there")
    return items[place]
