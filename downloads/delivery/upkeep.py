"""The upkeep of a bucket, at low priority: abort leftover uploads, compute missing hashes.

It runs on a thread of its own, beside the maintenance loop: a bucket that hangs must not delay
taking over a dead worker's downloads.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from django.db import DatabaseError, connection
from django.db.models import F

from downloads.delivery.streaming import BLOCK
from downloads.engine.core.byte_range import ByteRange
from downloads.engine.core.errors import StorageUnavailable
from downloads.models import Rendition
from downloads.storage.errors import FileLost
from downloads.storage.media import media_storage

SWEEP_INTERVAL: Final = 600.0  # seconds between two sweeps of unfinished uploads
READ_BACK_RATE: Final = 16 * 1024 * 1024  # bytes a second: downloads go first
log = logging.getLogger(__name__)


class Upkeep:
    """Rounds of upkeep on a thread. The elected process may call ``nudge()`` at any rate."""

    def __init__(
        self,
        stopped: threading.Event,
        on_lost: Callable[[Rendition, FileLost], object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``on_lost`` is told of objects that are missing or damaged."""
        self._stopped = stopped
        self._on_lost = on_lost
        self._clock = clock
        self._next_sweep = 0.0
        self._thread: threading.Thread | None = None

    def nudge(self) -> None:
        """Start a round, unless one is running or the storage is no bucket."""
        if not media_storage().is_bucket or (self._thread is not None and self._thread.is_alive()):
            return
        self._thread = threading.Thread(target=self._run, name="upkeep", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.round()
        except (StorageUnavailable, DatabaseError) as error:
            log.warning("storage upkeep postponed error=%s", type(error).__name__)
        except Exception:
            # no caller waits for this round, and the next may succeed
            log.exception("storage upkeep failed")
        finally:
            connection.close()

    def round(self) -> None:
        """Abort uploads that no row names, then hash objects without a hash, until stopped."""
        if self._clock() >= self._next_sweep:
            self._next_sweep = self._clock() + SWEEP_INTERVAL
            if aborted := media_storage().sweep_uploads(known_uploads()):
                log.info("aborted unfinished uploads count=%d", aborted)
        for rendition in without_hash():
            if self._stopped.is_set():
                return
            try:
                read_back(rendition, self._stopped)
            except FileLost as lost:
                self._on_lost(rendition, lost)
            except (StorageUnavailable, OSError) as error:
                # one broken object must not keep the others from their hash
                name = type(error).__name__
                log.warning("hashing failed rendition=%s error=%s", rendition.pk, name)


def known_uploads() -> frozenset[str]:
    """Return the ids of the uploads that some row may still resume, however long it is paused."""
    unfinished = Rendition.objects.exclude(checkpoint=None)
    known = unfinished.values_list("checkpoint__upload__id", flat=True)
    return frozenset(each for each in known if each)


def without_hash() -> list[Rendition]:
    """Return up to 100 stored renditions without a hash: written out of order, or resumed."""
    stored = Rendition.objects.filter(status=Rendition.Status.STORED, sha256="")
    return list(stored.exclude(storage_name="").order_by("stored_at")[:100])


def read_back(rendition: Rendition, stopped: threading.Event) -> bool:
    """Hash the stored object at a bounded rate and save the hash, if it is still that object.

    Returns False if it was not saved. Raises StorageUnavailable; FileLost if it is not as the row
    says.
    """
    size, digest, began = rendition.size or 0, hashlib.sha256(), time.monotonic()
    reader = media_storage().read(rendition.storage_name, size, ByteRange(0, size))
    try:
        position = 0
        while position < size:
            block = reader.read_at(position, min(BLOCK, size - position))
            if not block:
                return False
            digest.update(block)
            position += len(block)
            ahead = began + position / READ_BACK_RATE - time.monotonic()
            if stopped.wait(max(0.0, ahead)):
                return False
    finally:
        reader.close()
    same = Rendition.objects.filter(
        pk=rendition.pk,
        status=Rendition.Status.STORED,
        storage_name=rendition.storage_name,
        generation=rendition.generation,  # a fetch meanwhile has raised it
        sha256="",
    )
    return same.update(sha256=digest.hexdigest(), seq=F("seq") + 1) == 1
