"""What the engine asks of a place to write to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from downloads.transfer.checkpoint import Checkpoint
from downloads.transfer.segments import Range


@dataclass(frozen=True, slots=True)
class Stored:
    """``sha256`` is None where the sink was told not to hash, or has not read everything yet."""

    size: int
    sha256: str | None


class Sink(Protocol):
    """One transfer's target. The ranges written are disjoint and may come in any order.

    Order of calls: ``open`` (again for each restart from zero), any number of ``write_at``,
    ``settle``, ``flush`` + ``describe`` + ``saved``, then ``finish`` or ``close`` or ``abort``.
    Every write asks the stop token first, so that a worker that lost its lease writes nothing.
    All methods raise DiskFull or StorageUnavailable, or Stopped.
    """

    def open(self, total: int | None, kept: Checkpoint | None) -> Sequence[Range]:
        """Begin; ``kept`` is what an earlier run left. Returns what of it really is here.

        ``total`` is None while the size is unknown.
        """

    def write_at(self, offset: int, data: memoryview) -> None:
        """Called by the reactor and by openers, several at a time. Must not keep ``data``."""

    def settle(self, prefix: int) -> int:
        """Bytes before ``prefix`` will not change any more: a sink that hashes may read them.

        Called from the transfer's storage thread; returns after a bounded piece of work how
        far it has come.
        """

    def flush(self, written: Sequence[Range]) -> Sequence[Range]:
        """Make what was written durable and return what of it is (a sink of fixed parts may
        hold back an unfinished one). May block: never called in the reactor."""

    @property
    def alignment(self) -> int:
        """Segments are cut at multiples of this many bytes."""

    @property
    def part(self) -> tuple[str, int]:
        """Name and generation of the part, for the checkpoint."""

    def saved(self) -> None:
        """A checkpoint that names this part is durable: what older generations left may go."""

    def finish(self, size: int) -> Stored:
        """All bytes are there: make them durable and hash them. Called once more after a crash."""

    def close(self) -> None:
        """Let go, keep the part. No write touches it after this returns."""

    def abort(self) -> None:
        """Let go and remove the part."""
