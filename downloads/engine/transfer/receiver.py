"""The target of a body: a segment (``delivery.Delivery``) or a fragment."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Accepted(NamedTuple):
    """A run of ``length`` bytes that were read, the first of them at ``offset``."""

    offset: int
    length: int


class Receiver(Protocol):
    """A receiver of bytes: the reading thread accepts them, then they are written, in the same
    order."""

    def room(self, most: int) -> int:
        """Return how many bytes to read now, at most; 0: no more at all."""

    def grant(self, wanted: int) -> int:
        """Return how many of them can be written now; 0: try again in a moment."""

    def accept(self, length: int) -> Accepted:
        """Accept bytes that were read. Those not accepted are discarded."""

    def write(self, accepted: Accepted, data: memoryview) -> None:
        """Write accepted bytes, with which ``data`` begins."""

    def waits(self) -> None:
        """Note that this side holds it back: that is no stall."""

    def end_of_body(self) -> None:
        """End the body: everything is written. Raises if more was promised."""
