"""The behaviour of one job's sources, as its requests have met it."""

from __future__ import annotations

from downloads.engine.egress.target import parse


class SourceMemory:
    """A memory of sources that refuse ranges or need a Referer, so that each is tried once.

    Thread-safe: entries are only added.
    """

    def __init__(self) -> None:
        self._without_ranges: set[str] = set()
        self._refused_anyway: set[str] = set()
        self._vain: set[tuple[str, tuple[str, str, int]]] = set()
        self._referers: dict[tuple[str, str, int], str] = {}

    def refuses_ranges(self, url: str) -> bool:
        return bool(self._without_ranges) and parse(url).url in self._without_ranges

    def note_no_ranges(self, *urls: str) -> None:
        self._without_ranges.update(parse(url).url for url in urls)

    def refuses_anyway(self, url: str) -> bool:
        """Return if the same refusal came with a range and without one."""
        return parse(url).url in self._refused_anyway

    def note_refuses_anyway(self, url: str) -> None:
        self._refused_anyway.add(parse(url).url)

    def referer_for(self, url: str) -> str:
        """Return the Referer that opened another URL of this origin; empty if none had to."""
        return self._referers.get(parse(url).origin, "") if self._referers else ""

    def note_referer(self, value: str, *urls: str) -> None:
        self._referers.update(dict.fromkeys((parse(url).origin for url in urls), value))

    def is_vain(self, referer: str, url: str) -> bool:
        """Return if this Referer did not open another URL of the origin."""
        return (referer, parse(url).origin) in self._vain

    def note_vain(self, referer: str, url: str) -> None:
        self._vain.add((referer, parse(url).origin))
