"""Checkpoints in the rendition's row, where any worker finds them."""

from __future__ import annotations

from django.db import DatabaseError, connection

from downloads.exceptions import Stopped, StopReason
from downloads.models import Rendition
from downloads.queue.lease import Lease
from downloads.transfer.checkpoint import Checkpoint, CheckpointNotSaved


class RowCheckpointStore:
    """Reads whatever generation wrote it; writes only under the lease."""

    def __init__(self, lease: Lease) -> None:
        self._lease = lease

    def load(self) -> Checkpoint | None:
        """None for a row without one, or with one that cannot be understood."""
        row = Rendition.objects.only("checkpoint").get(pk=self._lease.rendition_id)
        return Checkpoint.from_dict(row.checkpoint)

    def save(self, checkpoint: Checkpoint) -> None:
        """Durable when it returns. Work that got further is no poison: its reclaims are forgotten.

        Raises Stopped where the lease is gone, and CheckpointNotSaved where the database is away.
        """
        held = Rendition.objects.filter(pk=self._lease.rendition_id, lease_token=self._lease.token)
        try:
            rows = held.update(checkpoint=checkpoint.to_dict(), reclaims=0)
        except DatabaseError as error:
            connection.close()
            raise CheckpointNotSaved(type(error).__name__) from error
        if rows != 1:
            raise Stopped(StopReason.LEASE_LOST)
