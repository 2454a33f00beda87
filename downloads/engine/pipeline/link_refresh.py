"""Expired links, resolved again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

from downloads.engine.core.errors import SourceChanged
from downloads.engine.core.media import Format, Source, Stream, Subtitle


class Renewal:
    """A renewer of expired links: it resolves again and finds the same formats by their ids.
    Thread-safe."""

    def __init__(self, formats: Sequence[Format], ask: Callable[[], Source]) -> None:
        self._ids = [chosen.id for chosen in formats]
        self._streams = [chosen.stream for chosen in formats]
        self._given = [0] * len(formats)  # the number of the last resolution used, by stream
        self._answers = 0
        self._ask = ask
        self._lock = threading.Lock()
        self._subtitles: tuple[Subtitle, ...] | None = None

    def another(self, place: int) -> Stream:
        """Return a link for the stream at ``place`` that it has not had yet.

        The source is asked once for all streams whose links expired together. Raises SourceChanged
        if it does not offer the same formats any more.
        """
        with self._lock:
            if self._given[place] == self._answers:
                offered = {chosen.id: chosen.stream for chosen in self._ask().formats}
                if not offered.keys() >= set(self._ids):
                    raise SourceChanged("the source does not offer the same formats any more")
                self._streams = [offered[each] for each in self._ids]
                self._answers += 1
            self._given[place] = self._answers
            return self._streams[place]

    def subtitle(self, subtitle: Subtitle) -> Subtitle | None:
        """Return the same subtitles with a fresh link; None if the source has no other. It is asked
        once for all of them. Raises what resolving raises."""
        with self._lock:
            if self._subtitles is None:
                self._subtitles = self._ask().subtitles
        same = (each for each in self._subtitles if _is_same(each, subtitle))
        return next((each for each in same if each.url != subtitle.url), None)


def _is_same(one: Subtitle, other: Subtitle) -> bool:
    return replace(one, url="", headers=(), alternates=(), offset=None) == replace(
        other, url="", headers=(), alternates=(), offset=None
    )
