"""The target of a body: a segment (``delivery.Delivery``) or a fragment."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import NamedTuple

from downloads.engine.transfer.pipe import Pipes


class Accepted(NamedTuple):
    """A run of ``length`` bytes that were read, the first of them at ``offset``."""

    offset: int
    length: int


class Receiver(ABC):
    """A receiver of bytes: the reading thread accepts them, then they are written, in the same
    order. ``takes_pipes``: it has ``write_from``."""

    takes_pipes = False

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._moved_at = clock()

    @property
    def moved_at(self) -> float:
        """Return the time of the last progress, or now while this side holds it back."""
        return self._clock() if self.is_writing else self._moved_at

    def waits(self) -> None:
        """Note that this side holds it back (rate limit, sink, disk): that is no stall."""
        self._moved_at = self._clock()

    def put(self, data: memoryview) -> None:
        """Accept and write ``data``, for a caller that reads on a thread of its own."""
        self.write(self.accept(len(data)), data)

    @property
    @abstractmethod
    def is_writing(self) -> bool:
        """Return if accepted bytes are still to be written."""

    @abstractmethod
    def room(self, most: int) -> int:
        """Return how many bytes to read now, at most; 0: no more at all."""

    @abstractmethod
    def grant(self, wanted: int) -> int:
        """Return how many of them can be written now; 0: try again in a moment."""

    @abstractmethod
    def accept(self, length: int) -> Accepted:
        """Accept bytes that were read. Those not accepted are discarded."""

    @abstractmethod
    def write(self, accepted: Accepted, data: memoryview) -> None:
        """Write accepted bytes, with which ``data`` begins."""

    def write_from(self, accepted: Accepted, pipes: Pipes) -> None:
        """Write accepted bytes, with which the content of ``pipes`` begins."""
        raise NotImplementedError

    @abstractmethod
    def end_of_body(self) -> None:
        """End the body: everything is written. Raises if more was promised."""
