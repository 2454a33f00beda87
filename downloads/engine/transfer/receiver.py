"""Where a body goes: a segment (``delivery.Delivery``) or a fragment."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Accepted(NamedTuple):
    """``length`` bytes that were read, the first of them at ``offset``."""

    offset: int
    length: int


class Receiver(Protocol):
    """Bytes are first accepted by whoever reads them, then written, in the same order."""

    def room(self, most: int) -> int:
        """How many bytes to read now, at most; 0: no more at all."""

    def grant(self, wanted: int) -> int:
        """How many of them can be written now; 0: ask again in a moment."""

    def accept(self, length: int) -> Accepted:
        """So many bytes were read. What is not accepted of them is nobody's."""

    def write(self, accepted: Accepted, data: memoryview) -> None:
        """``data`` begins with what was accepted."""

    def waits(self) -> None:
        """Held back by ourselves: that is no stall."""

    def end_of_body(self) -> None:
        """Everything is written, and nothing more will come. Raises where more was promised."""
