"""The ways of one job's sources, as its requests have met them."""

from __future__ import annotations

from downloads.engine.egress.target import parse


class SourceMemory:
    """Which sources refuse ranges, and which want a Referer: asked in vain once, not each time.

    Thread-safe: sets that only grow.
    """

    def __init__(self) -> None:
        self._without_ranges: set[str] = set()
        self._refused_anyway: set[str] = set()
        self._with_referer: set[tuple[str, str, int]] = set()

    def refuses_ranges(self, url: str) -> bool:
        return parse(url).url in self._without_ranges

    def note_no_ranges(self, *urls: str) -> None:
        self._without_ranges.update(parse(url).url for url in urls)

    def refuses_anyway(self, url: str) -> bool:
        """The same refusal came with a range and without one."""
        return parse(url).url in self._refused_anyway

    def note_refuses_anyway(self, url: str) -> None:
        self._refused_anyway.add(parse(url).url)

    def wants_referer(self, url: str) -> bool:
        return parse(url).origin in self._with_referer

    def note_referer(self, *urls: str) -> None:
        self._with_referer.update(parse(url).origin for url in urls)
