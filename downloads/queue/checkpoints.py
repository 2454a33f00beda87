"""Checkpoints in the rendition's row, available to any worker."""

from __future__ import annotations

import threading
from typing import Any, Final

from django.db import DatabaseError, connection
from django.db.models import UUIDField

from config.prepared import PreparedValues
from downloads.engine.core.errors import Stopped, StopReason
from downloads.engine.transfer.checkpoint import Checkpoint, CheckpointNotSaved
from downloads.models import Rendition
from downloads.queue.lease import Lease, write

_checkpoint_of: Final = PreparedValues(
    lambda pk: Rendition.objects.filter(pk=pk).values_list("checkpoint"), UUIDField()
)
VERSION = 1  # of the JSON that holds several streams


class RowCheckpointStore:
    """The checkpoint of a single file. Reads that of any generation; writes only under the
    lease."""

    def __init__(self, lease: Lease) -> None:
        self._lease = lease

    def load(self) -> Checkpoint | None:
        """Return the checkpoint; None if there is none, or it cannot be understood."""
        return Checkpoint.from_dict(_read(self._lease))

    def save(self, checkpoint: Checkpoint) -> None:
        """Write the checkpoint, durably. Progress resets the count of reclaims.

        Raises Stopped if the lease is lost, and CheckpointNotSaved if the database is unavailable.
        """
        _write(self._lease, checkpoint.to_dict())


class RowStreamCheckpoints:
    """The checkpoints of several streams in one row, by the streams' names. Thread-safe.

    Each stream's is JSON that its own engine understands. Saving one never reverts another.
    """

    def __init__(self, lease: Lease) -> None:
        self._lease = lease
        self._lock = threading.Lock()
        self._streams: dict[str, Any] | None = None

    def load(self, stream: str) -> Any:
        """Return the stream's checkpoint, None if there is none."""
        with self._lock:
            return self._known().get(stream)

    def save(self, stream: str, checkpoint: dict[str, Any]) -> None:
        """Write the stream's checkpoint, as :meth:`RowCheckpointStore.save` does."""
        with self._lock:
            known = self._known()
            known[stream] = checkpoint
            _write(self._lease, {"version": VERSION, "streams": known})

    def release(self) -> None:
        """Close the database connection of a thread that ends."""
        connection.close()

    def _known(self) -> dict[str, Any]:
        if self._streams is None:
            self._streams = _streams(_read(self._lease))
        return self._streams


def _streams(data: object) -> dict[str, Any]:
    """Return the streams; none for data of another version: the work then begins at zero."""
    if not isinstance(data, dict) or data.get("version") != VERSION:
        return {}
    streams = data.get("streams")
    return dict(streams) if isinstance(streams, dict) else {}


def _read(lease: Lease) -> object:
    for (checkpoint,) in _checkpoint_of(lease.rendition_id):
        return checkpoint
    raise Rendition.DoesNotExist


def _write(lease: Lease, data: dict[str, Any]) -> None:
    try:
        held = write(lease, checkpoint=data, reclaims=0)
    except DatabaseError as error:
        connection.close()
        raise CheckpointNotSaved(type(error).__name__) from error
    if not held:
        raise Stopped(StopReason.LEASE_LOST)
