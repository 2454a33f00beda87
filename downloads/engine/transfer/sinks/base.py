"""What the engine asks of a place to write to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from downloads.engine.core.byte_range import ByteRange
from downloads.engine.transfer.checkpoint import Checkpoint, Upload

UNLIMITED: Final = 1 << 16  # connections


@dataclass(frozen=True, slots=True)
class Stored:
    """``sha256`` is None where the sink was told not to hash, or has not read everything yet."""

    size: int
    sha256: str | None


@dataclass(frozen=True, slots=True)
class BucketKey:
    """Where an object is."""

    bucket: str
    key: str

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


class Sink(Protocol):
    """One transfer's target. The ranges written are disjoint and may come in any order.

    Order of calls: ``open`` (again for each restart from zero), any number of ``room`` +
    ``write_at``, ``settle``, ``flush`` + ``saved``, then ``finish`` or ``close`` or ``abort``.
    Every write asks the stop token first, so that a worker that lost its lease writes nothing.
    All methods raise DiskFull or StorageUnavailable, or Stopped.
    """

    def open(self, total: int | None, kept: Checkpoint | None) -> Sequence[ByteRange]:
        """Begin; ``kept`` is what an earlier run left. Returns what of it really is here.

        ``total`` is None while the size is unknown.
        """

    def room(self, offset: int, most: int) -> int:
        """How many of ``most`` bytes can be written at ``offset`` now; 0: ask again in a moment.

        What it says stays true until they are written. Never waits.
        """

    def write_at(self, offset: int, data: memoryview) -> None:
        """Called by the writer and by openers, several at a time, with what ``room`` allowed.
        Must not keep ``data``, and never wait for a network."""

    def settle(self, prefix: int) -> int:
        """Bytes before ``prefix`` will not change any more: a sink that hashes may read them.

        Called from the transfer's storage thread; returns after a bounded piece of work how
        far it has come.
        """

    def flush(self, written: Sequence[ByteRange]) -> Sequence[ByteRange]:
        """Make what was written durable and return what of it is (a sink of fixed parts may
        hold back an unfinished one). May block: never called in the reactor."""

    @property
    def alignment(self) -> int:
        """What several connections share is cut at multiples of this many bytes."""

    @property
    def segment_size(self) -> int | None:
        """Segments begin and end at multiples of so many bytes and are wanted in order; None:
        as large as there are, in any order."""

    @property
    def most_connections(self) -> int:
        """More at once than these would only wait for room in the sink."""

    @property
    def pending(self) -> int:
        """How many bytes have been written to the sink but are still on their way from it."""

    @property
    def part(self) -> tuple[str, int]:
        """Name and generation of the part, for the checkpoint."""

    @property
    def upload(self) -> Upload | None:
        """The upload that holds the bytes instead of a part, for the checkpoint."""

    def saved(self) -> None:
        """A checkpoint that names this part is durable: what older generations left may go."""

    def finish(self, size: int) -> Stored:
        """All bytes are there: make them durable and hash them. Called once more after a crash."""

    def close(self) -> None:
        """Let go, keep the part. No write touches it after this returns."""

    def abort(self) -> None:
        """Let go and remove the part."""
