"""Cover and subtitles of a film: best effort, in bounded time and size.

A film without its cover is still the film: what cannot be had is told in the log, and of
subtitles in the notes of the file.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import DownloadError, Stalled, TooLarge
from downloads.engine.core.media import Selection, Source, Subtitle
from downloads.engine.core.notes import Notes
from downloads.engine.egress.client import Client
from downloads.engine.egress.first_look import open_part
from downloads.engine.media import subtitles
from downloads.engine.media.film_clock import FilmClock
from downloads.engine.media.inputs import SubtitleFile
from downloads.engine.media.subtitles import BrokenSubtitles
from downloads.engine.pipeline import subtitle_notes
from downloads.engine.pipeline.subtitle_fetch import FetchedSubtitle, SubtitleFetch
from downloads.engine.transfer import disk

log = logging.getLogger(__name__)

LARGEST_COVER = 10 * 1024 * 1024  # bytes
LONGEST = 20.0  # seconds for one
ALTOGETHER = 60.0  # seconds for all of a film
FOR_A_PIECE = 0.05  # seconds for each piece on top: a long film's list has thousands
LONGEST_OF_ALL = 900.0  # seconds
_BLOCK = 64 * 1024

Tell = Callable[[str], None]  # a sentence for the person who asked for the file


class FetchedSubtitles:
    """The subtitles of one selection as their sources sent them; ``files`` once the film's clock
    is known."""

    def __init__(self, folder: Path, stop: StopToken, tell: Tell) -> None:
        self._folder = folder
        self._stop = stop
        self._tell = tell
        self._raw: list[tuple[int, Subtitle, FetchedSubtitle]] = []
        self._files: tuple[SubtitleFile, ...] | None = None

    def add(self, place: int, requested: Subtitle, raw: FetchedSubtitle) -> None:
        self._raw.append((place, requested, raw))

    def files(self, clock: FilmClock) -> tuple[SubtitleFile, ...]:
        """Return those with a cue, as WebVTT on the film's clock. Made once. Raises Stopped."""
        if self._files is None:
            found = [self._file(clock, *each) for each in self._raw]
            self._files = tuple(each for each in found if each is not None)
        return self._files

    @property
    def made(self) -> tuple[SubtitleFile, ...]:
        """Those that ``files`` has made."""
        return self._files or ()

    def _file(
        self, clock: FilmClock, place: int, requested: Subtitle, raw: FetchedSubtitle
    ) -> SubtitleFile | None:
        made = _subtitle_file(self._folder, place, requested)
        try:
            found = subtitles.convert(
                raw.source, made.path, work_dir=self._folder, clock=clock, stop=self._stop
            )
        except DownloadError as error:
            leave_out(requested, error, self._tell)
            return None
        if not found.cues:
            made.path.unlink()
            log.warning("subtitles left out language=%s: no cue", requested.language)
            sentence = subtitle_notes.outside if found.outside else subtitle_notes.empty
            self._tell(sentence(requested))
            return None
        if raw.gaps:
            self._tell(subtitle_notes.lacking(requested, raw.gaps))
        if gaps := raw.missing + len(found.broken):
            self._tell_gaps(requested, gaps, raw, found.cause)
        return replace(made, inside=found.inside)

    def _tell_gaps(self, requested: Subtitle, gaps: int, raw: FetchedSubtitle, cause: str) -> None:
        error = raw.error or BrokenSubtitles("a piece", cause)
        total = max(len(raw.source.pieces) + raw.missing, 1)
        log.warning(
            "subtitles with gaps language=%s missing=%d of=%d code=%s: %s",
            requested.language, gaps, total, error.code, error.detail,
        )  # fmt: skip
        self._tell(subtitle_notes.with_gaps(requested, gaps, total, error))


@dataclass(frozen=True, slots=True)
class Extras:
    subtitles: FetchedSubtitles
    cover: Path | None = None


def fetch_extras(
    facts: Source,
    selection: Selection,
    folder: Path,
    *,
    client: Client,
    stop: StopToken,
    notes: Notes | None = None,
) -> Extras:
    """Fetch into ``folder``; ``notes`` gets a sentence for each subtitle that is not to be had.

    Raises Stopped alone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    gatherer = _Gatherer(folder, client, stop, (notes or Notes()).add)
    cover = gatherer.cover(facts.thumbnail_url) if facts.thumbnail_url else None
    return Extras(gatherer.subtitles(selection), cover)


def fetch_subtitles(
    selection: Selection,
    folder: Path,
    *,
    client: Client,
    stop: StopToken,
    notes: Notes | None = None,
    length: float | None = None,
) -> tuple[SubtitleFile, ...]:
    """Fetch into ``folder`` those that are to be had, for a film of ``length`` seconds that is
    stored as it comes. Raises Stopped."""
    if not selection.subtitles:
        return ()
    folder.mkdir(parents=True, exist_ok=True)
    gatherer = _Gatherer(folder, client, stop, (notes or Notes()).add)
    return gatherer.subtitles(selection).files(FilmClock(length=length))


def kept_subtitles(selection: Selection, folder: Path) -> tuple[SubtitleFile, ...]:
    """Return those that an earlier worker made in ``folder``."""
    found = [_subtitle_file(folder, place, each) for place, each in enumerate(selection.subtitles)]
    return tuple(each for each in found if each.path.exists())


def leave_out(requested: Subtitle, error: DownloadError, tell: Tell) -> None:
    log.warning(
        "subtitles left out language=%s code=%s: %s", requested.language, error.code, error.detail
    )
    tell(subtitle_notes.not_had(requested, error))


def _subtitle_file(folder: Path, place: int, requested: Subtitle) -> SubtitleFile:
    path = folder / f"subtitle{place}.vtt"
    return SubtitleFile(
        path,
        requested.language,
        requested.name,
        requested.automatic,
        requested.forced,
        requested.described,
    )


class _Gatherer:
    """Its time runs from its making on."""

    def __init__(self, folder: Path, client: Client, stop: StopToken, tell: Tell) -> None:
        self._folder = folder
        self._client = client
        self._stop = stop
        self._tell = tell
        self._last = time.monotonic() + ALTOGETHER
        self._end = time.monotonic() + LONGEST_OF_ALL

    def _deadline(self, pieces: int = 1) -> float:
        """Of one that begins now, and consists of so many pieces."""
        extra = (pieces - 1) * FOR_A_PIECE
        self._last += extra
        return min(time.monotonic() + LONGEST + extra, self._last, self._end)

    def cover(self, url: str) -> Path | None:
        path = self._folder / "cover"
        try:
            self._fetch_cover(url, path, self._deadline())
        except DownloadError as error:
            log.warning("cover left out code=%s: %s", error.code, error.detail)
            return None
        return path

    def subtitles(self, selection: Selection) -> FetchedSubtitles:
        found = FetchedSubtitles(self._folder, self._stop, self._tell)
        for place, requested in enumerate(selection.subtitles):
            path = self._folder / f"subtitle{place}.raw"
            fetch = SubtitleFetch(self._client, self._stop, self._deadline)
            try:
                found.add(place, requested, fetch.fetch(requested, path))
            except DownloadError as error:
                leave_out(requested, error, self._tell)
        return found

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
