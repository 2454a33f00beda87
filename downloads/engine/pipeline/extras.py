"""What comes along with a film: its cover and subtitles. Best effort, in bounded time and size.

A film without its picture is still the film: what cannot be had is told in the log.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import DownloadError, Stalled, TooLarge
from downloads.engine.core.media import Protocol, Selection, Source, Stream, StreamKind, Subtitle
from downloads.engine.egress.client import Client
from downloads.engine.media import subtitles
from downloads.engine.media.inputs import SubtitleFile
from downloads.engine.resolver import fragments

log = logging.getLogger(__name__)

LARGEST = 10 * 1024 * 1024  # bytes of one cover or one subtitle
LONGEST = 20.0  # seconds for one
ALTOGETHER = 60.0  # seconds for all of a film
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
    stop: StopToken,
) -> Extras:
    """Into ``folder``. Raises Stopped alone."""
    folder.mkdir(parents=True, exist_ok=True)
    gatherer = _Gatherer(folder, client, stop)
    cover = gatherer.cover(facts.thumbnail_url) if facts.thumbnail_url else None
    return Extras(cover, gatherer.subtitles(selection))


def fetch_subtitles(
    selection: Selection, folder: Path, *, client: Client, stop: StopToken
) -> tuple[SubtitleFile, ...]:
    """Into ``folder``, those that are to be had. Raises Stopped alone."""
    if not selection.subtitles:
        return ()
    folder.mkdir(parents=True, exist_ok=True)
    return _Gatherer(folder, client, stop).subtitles(selection)


def kept_subtitles(selection: Selection, folder: Path) -> tuple[SubtitleFile, ...]:
    """What an earlier worker fetched into ``folder``."""
    found = [_subtitle_file(folder, place, each) for place, each in enumerate(selection.subtitles)]
    return tuple(each for each in found if each.path.exists())


def _subtitle_file(folder: Path, place: int, requested: Subtitle) -> SubtitleFile:
    path = folder / f"subtitle{place}.vtt"
    return SubtitleFile(path, requested.language, requested.name, requested.automatic)


class _Gatherer:
    """Its time runs from its making on."""

    def __init__(self, folder: Path, client: Client, stop: StopToken) -> None:
        self._folder = folder
        self._client = client
        self._stop = stop
        self._last = time.monotonic() + ALTOGETHER

    def _deadline(self) -> float:
        """Of one that begins now."""
        return min(time.monotonic() + LONGEST, self._last)

    def cover(self, url: str) -> Path | None:
        path = self._folder / "cover"
        try:
            self._fetch([(url, (), None)], path, self._deadline())
        except DownloadError as error:
            log.warning("no cover code=%s: %s", error.code, error.detail)
            return None
        return path

    def subtitles(self, selection: Selection) -> tuple[SubtitleFile, ...]:
        found = [self._subtitle(place, each) for place, each in enumerate(selection.subtitles)]
        return tuple(each for each in found if each is not None)

    def _subtitle(self, place: int, requested: Subtitle) -> SubtitleFile | None:
        raw = self._folder / f"subtitle{place}.raw"
        made = _subtitle_file(self._folder, place, requested)
        try:
            deadline = self._deadline()
            self._fetch(self._pieces(requested, deadline), raw, deadline)
            cues = subtitles.to_vtt(
                raw, made.path, ext=requested.ext, work_dir=self._folder, stop=self._stop
            )
        except DownloadError as error:
            log.warning(
                "no subtitle language=%s code=%s: %s", requested.language, error.code, error.detail
            )
            return None
        if not cues:
            made.path.unlink()
            return None
        return made

    def _pieces(self, requested: Subtitle, deadline: float) -> list[Place]:
        _check_time(deadline)
        if requested.protocol is Protocol.FILE:
            return [(requested.url, requested.headers, None)]
        stream = Stream(
            requested.url, requested.headers, kind=StreamKind.AUDIO, protocol=requested.protocol
        )
        listed = fragments.load(stream, self._client)
        if len(listed.fragments) > MOST_PIECES:
            raise TooLarge(f"a subtitle of {len(listed.fragments)} pieces")
        return [(piece.url, listed.headers, piece.range) for piece in listed.fragments]

    def _fetch(self, places: Iterable[Place], path: Path, deadline: float) -> None:
        """One after another into ``path``. Raises DownloadError and Stopped."""
        size = 0
        with path.open("wb") as file:
            for place in places:
                _check_time(deadline)  # a piece may be empty, and there may be many
                for block in self._blocks(place):
                    size += len(block)
                    if size > LARGEST:
                        raise TooLarge(f"more than {LARGEST} bytes")
                    _check_time(deadline)
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


def _check_time(deadline: float) -> None:
    if time.monotonic() > deadline:
        raise Stalled(f"more than {LONGEST:.0f} s for one, or {ALTOGETHER:.0f} s for all")
