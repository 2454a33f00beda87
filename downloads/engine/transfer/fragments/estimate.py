"""An estimate of the stream's size while only some of its fragments are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from downloads.engine.core.media import Fragment


class SizeEstimate:
    """An estimate: known fragments count as they are, the others by the mean for each second of
    playing (or for each fragment, if durations are not known). An ``init`` fragment does not count
    in the mean.

    ``most``: the limit of a fetch, in bytes; beyond it, misleading durations give no estimate.
    """

    def __init__(self, fragments: Sequence[Fragment], sizes: Mapping[int, int], most: int) -> None:
        self._most = most
        self._weights = _weights(fragments)
        self._unknown = sum(self._weights)
        self._weight = 0.0
        self._weighed = 0
        self._known = 0
        self._left = len(fragments)
        self._share = 0.0
        for index, size in sizes.items():
            self.learn(index, size)

    def learn(self, index: int, size: int) -> None:
        """Add a complete fragment; called once for each."""
        weight = self._weights[index]
        self._known += size
        self._left -= 1
        self._unknown -= weight
        if weight:
            self._weight += weight
            self._weighed += size

    def total(self, done: int, announced: Mapping[int, int]) -> int | None:
        """Return the bytes of the stream; None while there is no basis. ``announced``: the sizes of
        fragments under way.

        The share of ``done`` in it never falls, so that a bar does not run backwards.
        """
        if self._left == 0:
            return self._known
        weighed = self._weighed + sum(
            size for index, size in announced.items() if self._weights[index]
        )
        weight = self._weight + sum(self._weights[index] for index in announced)
        if not weight:
            return None
        unknown = self._unknown - sum(self._weights[index] for index in announced)
        expected = self._known + sum(announced.values()) + weighed / weight * max(0.0, unknown)
        if not expected <= self._most:  # or NaN
            return None
        if self._share:
            expected = min(expected, done / self._share)
        total = max(done, int(expected))
        if total:
            self._share = max(self._share, done / total)
        return total


def _weights(fragments: Sequence[Fragment]) -> list[float]:
    timed = all(fragment.duration > 0 for fragment in fragments if not fragment.init)
    return [0.0 if fragment.init else fragment.duration if timed else 1.0 for fragment in fragments]
