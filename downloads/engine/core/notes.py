"""Sentences about what a finished file lacks."""

from __future__ import annotations

import threading
from typing import Final

EMPTY: Final = "The file on the site is empty."


class Notes:
    """Sentences about what the source itself lacked, or what was left out of a file that is kept.

    Each is for the person who requested the file: what is missing, and why ("The subtitles in
    German could not be fetched: the source answers 404."). Thread-safe; a sentence that is there
    already is not added again.
    """

    def __init__(self) -> None:
        self._sentences: dict[str, None] = {}
        self._lock = threading.Lock()

    def add(self, sentence: str) -> None:
        with self._lock:
            self._sentences[sentence] = None

    @property
    def sentences(self) -> tuple[str, ...]:
        """Return the sentences in the order in which they were added."""
        with self._lock:
            return tuple(self._sentences)

    @property
    def text(self) -> str:
        """Return all of them as one text; empty if there is none."""
        return " ".join(self.sentences)
