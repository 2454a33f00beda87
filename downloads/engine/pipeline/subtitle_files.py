"""Subtitles of one selection: fetched as their sources have them, converted to files on one clock.

Imported only for a selection with subtitles: with its readers it is a tenth of all that a download
loads.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import LINK_REFUSED, DownloadError
from downloads.engine.core.media import Selection, Subtitle
from downloads.engine.egress.client import Client
from downloads.engine.media import subtitles
from downloads.engine.media.film_clock import FilmClock
from downloads.engine.media.inputs import SubtitleFile
from downloads.engine.media.subtitles import BrokenSubtitles
from downloads.engine.pipeline import subtitle_notes
from downloads.engine.pipeline.subtitle_fetch import FetchedSubtitle, SubtitleFetch

log = logging.getLogger(__name__)

_SHORTER = 10.0  # seconds that subtitles may end before the film without a note

Renew = Callable[[Subtitle], Subtitle | None]
Tell = Callable[[str], None]  # a sentence for the user


class FetchedSubtitles:
    """The subtitles of one selection as their sources sent them; ``files`` once the film's clock
    is known."""

    def __init__(self, folder: Path, stop: StopToken, tell: Tell) -> None:
        self._folder = folder
        self._stop = stop
        self._tell = tell
        self._raw: list[tuple[int, Subtitle, FetchedSubtitle]] = []
        self._files: tuple[SubtitleFile, ...] | None = None

    def add(self, place: int, subtitle: Subtitle, raw: FetchedSubtitle) -> None:
        self._raw.append((place, subtitle, raw))

    def files(self, clock: FilmClock) -> tuple[SubtitleFile, ...]:
        """Return those with a cue, as WebVTT on the film's clock. Made once. Raises Stopped."""
        if self._files is None:
            found = [self._file(clock, *each) for each in self._raw]
            self._files = tuple(each for each in found if each is not None)
        return self._files

    @property
    def made(self) -> tuple[SubtitleFile, ...]:
        """The subtitles that ``files`` has made."""
        return self._files or ()

    def _file(
        self, clock: FilmClock, place: int, subtitle: Subtitle, raw: FetchedSubtitle
    ) -> SubtitleFile | None:
        made = _subtitle_file(self._folder, place, subtitle)
        try:
            found = subtitles.convert(
                raw.source, made.path, work_dir=self._folder, clock=clock, stop=self._stop
            )
        except DownloadError as error:
            _leave_out(subtitle, error, self._tell)
            return None
        if not found.cues:
            made.path.unlink()
            log.warning("subtitles left out language=%s reason=no-cue", subtitle.language)
            sentence = subtitle_notes.outside if found.outside else subtitle_notes.empty
            self._tell(sentence(subtitle))
            return None
        if raw.gaps:
            self._tell(subtitle_notes.lacking(subtitle, raw.gaps))
        if raw.listed is not None and raw.listed < (clock.length or 0.0) - _SHORTER:
            self._tell(subtitle_notes.without_end(subtitle))
        if gaps := raw.missing + len(found.broken):
            self._tell_gaps(subtitle, gaps, raw, found.cause)
        return replace(made, inside=found.inside)

    def _tell_gaps(self, subtitle: Subtitle, gaps: int, raw: FetchedSubtitle, cause: str) -> None:
        error = raw.error or BrokenSubtitles("a piece", cause)
        total = max(len(raw.source.pieces) + raw.missing, 1)
        log.warning(
            "subtitles with gaps language=%s missing=%d of=%d code=%s detail=%r",
            subtitle.language, gaps, total, error.code, error.detail,
        )  # fmt: skip
        self._tell(subtitle_notes.with_gaps(subtitle, gaps, total, error))


def fetch(
    selection: Selection,
    folder: Path,
    *,
    client: Client,
    stop: StopToken,
    tell: Tell,
    deadline: Callable[[int], float],
    renew: Renew,
) -> FetchedSubtitles:
    """Fetch the available ones into ``folder``, and ``tell`` of the others. ``deadline`` gives the
    end, on the monotonic clock, for one of so many pieces; ``renew`` a fresh link for an expired
    one. Raises Stopped alone."""
    found = FetchedSubtitles(folder, stop, tell)
    for place, requested in enumerate(selection.subtitles):
        path = folder / f"subtitle{place}.raw"
        subtitle = SubtitleFetch(client, stop, deadline)
        try:
            found.add(place, requested, _fetched(subtitle, requested, path, renew))
        except DownloadError as error:
            _leave_out(requested, error, tell)
    return found


def _fetched(
    subtitle: SubtitleFetch, requested: Subtitle, path: Path, renew: Renew
) -> FetchedSubtitle:
    try:
        return subtitle.fetch(requested, path)
    except LINK_REFUSED as refused:
        try:
            fresh = renew(requested)
        except DownloadError:
            fresh = None
        if fresh is None:
            raise refused from None
    return subtitle.fetch(fresh, path)


def kept(selection: Selection, folder: Path) -> tuple[SubtitleFile, ...]:
    """Return those that an earlier worker made in ``folder``."""
    found = [_subtitle_file(folder, place, each) for place, each in enumerate(selection.subtitles)]
    return tuple(each for each in found if each.path.exists())


def _leave_out(subtitle: Subtitle, error: DownloadError, tell: Tell) -> None:
    log.warning(
        "subtitles left out language=%s code=%s detail=%r",
        subtitle.language, error.code, error.detail,
    )  # fmt: skip
    tell(subtitle_notes.not_had(subtitle, error))


def _subtitle_file(folder: Path, place: int, subtitle: Subtitle) -> SubtitleFile:
    path = folder / f"subtitle{place}.vtt"
    return SubtitleFile(
        path,
        subtitle.language,
        subtitle.name,
        subtitle.automatic,
        subtitle.forced,
        subtitle.described,
    )
