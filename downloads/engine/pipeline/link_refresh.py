"""Links that have expired, resolved again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from downloads.engine.core.errors import SourceChanged
from downloads.engine.core.media import Format, Source, Stream


class Renewal:
    """Expired links, resolved again: the same formats, found by their ids. Thread-safe."""

    def __init__(self, formats: Sequence[Format], ask: Callable[[], Source]) -> None:
        self._ids = [chosen.id for chosen in formats]
        self._streams = [chosen.stream for chosen in formats]
        self._given = [0] * len(formats)  # which answer of the source each place has had
        self._answers = 0
        self._ask = ask
        self._lock = threading.Lock()

    def another(self, place: int) -> Stream:
        """A link for the stream at ``place`` that it has not had yet.

        The source is asked once for all streams whose links expired together. Raises
        SourceChanged where it does not offer the same formats any more.
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
