"""Sentences about what a finished file lacks."""

from __future__ import annotations

import threading
from typing import Final

EMPTY: Final = "The file at the source is empty."


class Notes:
    """What the source itself lacked, or what was left out of a file that is kept all the same.

    Each note is one sentence for the person who asked for the file: what is missing, and why
    ("The subtitles in German could not be fetched: the source answers 404."). Thread-safe; a
    sentence that is there already is not added again.
    """

    def __init__(self) -> None:
        self._sentences: dict[str, None] = {}
        self._lock = threading.Lock()

    def add(self, sentence: str) -> None:
        with self._lock:
            self._sentences[sentence] = None

    @property
    def sentences(self) -> tuple[str, ...]:
        """In the order in which they were added."""
        with self._lock:
            return tuple(self._sentences)

    @property
    def text(self) -> str:
        """All of them as one text; empty if there is none."""
        return " ".join(self.sentences)
