"""What comes along with a film: its cover and subtitles. Best effort, in bounded time and size.

A film without its picture is still the film: what cannot be had is told in the log.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from downloads.egress.client import Client
from downloads.exceptions import DownloadError, TooLarge
from downloads.media import subtitles
from downloads.media.config import MediaConfig
from downloads.media.inputs import SubtitleFile
from downloads.resolver import fragments
from downloads.stop import StopToken
from downloads.streams import Protocol, Selection, Source, Stream, StreamKind, Subtitle

log = logging.getLogger(__name__)

LARGEST = 10 * 1024 * 1024  # bytes of one cover or one subtitle
LONGEST = 20.0  # seconds for one
MOST_PIECES = 2_000  # of one subtitle
_BLOCK = 64 * 1024

Place = tuple[str, tuple[tuple[str, str], ...], tuple[int, int] | None]


@dataclass(frozen=True, slots=True)
class Extras:
    cover: Path | None = None
    subtitles: tuple[SubtitleFile, ...] = ()


def fetch_extras(
    facts: Source,
    selection: Selection,
    folder: Path,
    *,
    client: Client,
    config: MediaConfig,
    stop: StopToken,
) -> Extras:
    """Into ``folder``. Raises Stopped alone."""
    folder.mkdir(parents=True, exist_ok=True)
    gatherer = _Gatherer(folder, client, config, stop)
    cover = gatherer.cover(facts.thumbnail_url) if facts.thumbnail_url else None
    found = [gatherer.subtitle(place, each) for place, each in enumerate(selection.subtitles)]
    return Extras(cover, tuple(each for each in found if each is not None))


class _Gatherer:
    def __init__(self, folder: Path, client: Client, config: MediaConfig, stop: StopToken) -> None:
        self._folder = folder
        self._client = client
        self._config = config
        self._stop = stop

    def cover(self, url: str) -> Path | None:
        path = self._folder / "cover"
        try:
            self._fetch([(url, (), None)], path)
        except DownloadError as error:
            log.warning("no cover code=%s: %s", error.code, error.detail)
            return None
        return path

    def subtitle(self, place: int, wished: Subtitle) -> SubtitleFile | None:
        raw, made = self._folder / f"subtitle{place}.raw", self._folder / f"subtitle{place}.vtt"
        try:
            self._fetch(self._pieces(wished), raw)
            cues = subtitles.to_vtt(
                raw, made, ext=wished.ext, work_dir=self._folder, stop=self._stop
            )
        except DownloadError as error:
            log.warning(
                "no subtitle language=%s code=%s: %s", wished.language, error.code, error.detail
            )
            return None
        return SubtitleFile(made, wished.language, wished.name) if cues else None

    def _pieces(self, wished: Subtitle) -> list[Place]:
        if wished.protocol is Protocol.FILE:
            return [(wished.url, wished.headers, None)]
        stream = Stream(wished.url, wished.headers, kind=StreamKind.AUDIO, protocol=wished.protocol)
        listed = fragments.load(stream, self._client)
        if len(listed.fragments) > MOST_PIECES:
            raise TooLarge(f"a subtitle of {len(listed.fragments)} pieces")
        return [(piece.url, listed.headers, piece.range) for piece in listed.fragments]

    def _fetch(self, places: Iterable[Place], path: Path) -> None:
        """One after another into ``path``. Raises DownloadError and Stopped."""
        deadline = time.monotonic() + LONGEST
        size = 0
        with path.open("wb") as file:
            for place in places:
                for block in self._blocks(place):
                    size += len(block)
                    if size > LARGEST or time.monotonic() > deadline:
                        raise TooLarge(f"{size} bytes in {LONGEST:.0f} s")
                    file.write(block)

    def _blocks(self, place: Place) -> Iterator[bytes]:
        url, headers, wanted = place
        start, end = wanted or (None, None)
        buffer = memoryview(bytearray(_BLOCK))
        with self._client.get(url, headers=headers, start=start, end=end) as response:
            while count := response.read_into(buffer):
                self._stop.check()
                self._stop.beat()
                yield bytes(buffer[:count])
