"""Cover and subtitles of a film: best effort, in bounded time and size.

A film without its cover is still the film: a missing extra is reported in the log, and missing
subtitles in the notes of the file.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from downloads.engine.core import disk
from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import DownloadError, Stalled, TooLarge
from downloads.engine.core.media import Selection, Source, Subtitle
from downloads.engine.core.notes import Notes
from downloads.engine.egress.client import Client
from downloads.engine.egress.first_look import open_part
from downloads.engine.media.film_clock import FilmClock
from downloads.engine.media.inputs import SubtitleFile

if TYPE_CHECKING:
    from downloads.engine.pipeline.subtitle_files import FetchedSubtitles, Renew

log = logging.getLogger(__name__)

LARGEST_COVER = 10 * 1024 * 1024  # bytes
LONGEST = 20.0  # seconds for one
ALTOGETHER = 60.0  # seconds for all of a film
FOR_A_PIECE = 0.05  # seconds for each piece on top: a long film's list has thousands
LONGEST_OF_ALL = 900.0  # seconds
_BLOCK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Extras:
    subtitles: FetchedSubtitles | None = None
    cover: Path | None = None


def _no_other(subtitle: Subtitle) -> None:
    """Return None: the source is not asked again."""


def fetch_extras(
    facts: Source,
    selection: Selection,
    folder: Path,
    *,
    client: Client,
    stop: StopToken,
    renew: Renew = _no_other,
    notes: Notes | None = None,
) -> Extras:
    """Fetch into ``folder``; ``notes`` gets a sentence for each unavailable subtitle, ``renew``
    returns a fresh link for an expired one.

    Raises Stopped alone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    gatherer = _Gatherer(folder, client, stop, renew, (notes or Notes()).add)
    cover = gatherer.cover(facts.thumbnail_url) if facts.thumbnail_url else None
    return Extras(gatherer.subtitles(selection) if selection.subtitles else None, cover)


def fetch_subtitles(
    selection: Selection,
    folder: Path,
    *,
    client: Client,
    stop: StopToken,
    renew: Renew = _no_other,
    notes: Notes | None = None,
    length: float | None = None,
) -> tuple[SubtitleFile, ...]:
    """Fetch the available ones into ``folder``, for a film of ``length`` seconds that is stored as
    it comes; ``renew`` as in :func:`fetch_extras`. Raises Stopped."""
    if not selection.subtitles:
        return ()
    folder.mkdir(parents=True, exist_ok=True)
    gatherer = _Gatherer(folder, client, stop, renew, (notes or Notes()).add)
    return gatherer.subtitles(selection).files(FilmClock(length=length))


class _Gatherer:
    """A fetcher of the extras. Its time runs from its creation."""

    def __init__(
        self,
        folder: Path,
        client: Client,
        stop: StopToken,
        renew: Renew,
        tell: Callable[[str], None],
    ) -> None:
        self._folder = folder
        self._client = client
        self._stop = stop
        self._renew = renew
        self._tell = tell
        self._last = time.monotonic() + ALTOGETHER
        self._end = time.monotonic() + LONGEST_OF_ALL

    def _deadline(self, pieces: int = 1) -> float:
        """Return the deadline of one that begins now, and consists of so many pieces."""
        extra = (pieces - 1) * FOR_A_PIECE
        self._last += extra
        return min(time.monotonic() + LONGEST + extra, self._last, self._end)

    def cover(self, url: str) -> Path | None:
        path = self._folder / "cover"
        try:
            self._fetch_cover(url, path, self._deadline())
        except DownloadError as error:
            log.warning("cover left out code=%s detail=%r", error.code, error.detail)
            return None
        return path

    def subtitles(self, selection: Selection) -> FetchedSubtitles:
        from downloads.engine.pipeline import subtitle_files

        return subtitle_files.fetch(
            selection,
            self._folder,
            client=self._client,
            stop=self._stop,
            tell=self._tell,
            deadline=self._deadline,
            renew=self._renew,
        )

    def _fetch_cover(self, url: str, path: Path, deadline: float) -> None:
        size = 0
        buffer = memoryview(bytearray(_BLOCK))
        with open_part(self._client, url) as response, disk.disk_errors(), path.open("wb") as file:
            while count := response.read_into(buffer):
                self._stop.check()
                self._stop.beat()
                size += count
                if size > LARGEST_COVER:
                    raise TooLarge(f"more than {LARGEST_COVER} bytes")
                if time.monotonic() > deadline:
                    raise Stalled("a cover took more than its time")
                file.write(buffer[:count])
