"""The protocol of a sink."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from downloads.engine.core.byte_range import ByteRange
from downloads.engine.transfer.checkpoint import Checkpoint, Upload
from downloads.engine.transfer.pipe import Pipes

UNLIMITED: Final = 1 << 16  # connections


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored file. ``sha256`` is None if the sink does not hash, or has not read everything
    yet."""

    size: int
    sha256: str | None


@dataclass(frozen=True, slots=True)
class BucketKey:
    """The place of an object."""

    bucket: str
    key: str

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


class Sink(Protocol):
    """One transfer's target. The ranges written are disjoint and may come in any order.

    Order of calls: ``open`` (again for each restart from zero), any number of ``room`` +
    ``write_at``, ``settle``, ``flush`` + ``saved``, then ``finish`` or ``close`` or ``abort``.
    Every write checks the stop token first, so that a worker that lost its lease writes nothing.
    All methods raise DiskFull or StorageUnavailable, or Stopped.
    """

    def open(self, total: int | None, checkpoint: Checkpoint | None) -> Sequence[ByteRange]:
        """Begin; ``checkpoint`` is that of an earlier run. Return the ranges of it that are really
        here.

        ``total`` is None while the size is unknown.
        """

    def room(self, offset: int, most: int) -> int:
        """Return how many of ``most`` bytes can be written at ``offset`` now; 0: try again in a
        moment.

        The result holds until they are written. Never waits.
        """

    def write_at(self, offset: int, data: memoryview) -> None:
        """Write bytes within the last ``room``; called by the writer and by connections, several at
        a time. Must not keep ``data``, and never wait for a network."""

    @property
    def write_from(self) -> Callable[[int, Pipes, int], None] | None:
        """Return ``write_at`` for so many bytes of pipes; None if it needs them in memory."""

    def settle(self, prefix: int) -> int:
        """Take note that bytes before ``prefix`` will not change any more: a sink that hashes may
        read them.

        Called from the flusher's thread; does a bounded piece of work and returns how far it has
        come.
        """

    def flush(self, written: Sequence[ByteRange]) -> Sequence[ByteRange]:
        """Make written bytes durable and return those that are (a sink of fixed parts may hold back
        an unfinished one). May block: never called in the reactor."""

    @property
    def alignment(self) -> int:
        """Return the number of bytes whose multiples a split between connections must fall on."""

    @property
    def segment_size(self) -> int | None:
        """Return the number of bytes whose multiples segments begin and end at, in order; None: of
        any size, in any order."""

    @property
    def most_connections(self) -> int:
        """Return the number of connections beyond which they would only wait for room in the
        sink."""

    @property
    def pending(self) -> int:
        """Return the number of bytes written to the sink that are still on their way from it."""

    @property
    def part(self) -> tuple[str, int]:
        """Return name and generation of the part, for the checkpoint."""

    @property
    def upload(self) -> Upload | None:
        """Return the upload that holds the bytes instead of a part, for the checkpoint."""

    def saved(self) -> None:
        """Remove the parts of older generations: a checkpoint that names this part is durable."""

    def finish(self, size: int) -> Stored:
        """Make all bytes durable and hash them. Called once more after a crash."""

    def close(self) -> None:
        """Release the part, and keep it. No write touches it after this returns."""

    def abort(self) -> None:
        """Release the part, and remove it."""
