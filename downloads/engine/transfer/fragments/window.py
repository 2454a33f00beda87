"""The window of fragments to fetch next. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable


class Window:
    """A window over the fragments; each is complete, taken by one attempt, or open.

    Only the first ``width`` from the first incomplete one on are handed out, in order: so that
    concurrent readers get them early, and the number ahead of them is bounded.
    """

    def __init__(self, total: int, width: int, complete: Iterable[int] = ()) -> None:
        self._total = total
        self._width = max(1, width)
        self._complete = bytearray(total)
        self._taken: set[int] = set()
        self._left = total
        self.first = 0
        for index in complete:
            self._mark(index)
        self._advance()

    @property
    def is_complete(self) -> bool:
        return self._left == 0

    @property
    def end(self) -> int:
        return min(self._total, self.first + self._width)

    def take(self, is_due: Callable[[int], bool]) -> int | None:
        """Take the first open fragment of the window that is due; None if there is none."""
        for index in range(self.first, self.end):
            if not self._complete[index] and index not in self._taken and is_due(index):
                self._taken.add(index)
                return index
        return None

    def give_back(self, index: int) -> None:
        """Reopen a fragment whose attempt has failed."""
        self._taken.discard(index)

    def complete(self, index: int) -> None:
        self._taken.discard(index)
        self._mark(index)
        self._advance()

    def _mark(self, index: int) -> None:
        self._left -= not self._complete[index]
        self._complete[index] = 1

    def _advance(self) -> None:
        while self.first < self._total and self._complete[self.first]:
            self.first += 1
