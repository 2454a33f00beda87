"""The upkeep of a bucket, at low priority: abort leftover uploads, compute missing hashes.

It runs on a thread of its own, beside the maintenance loop: a bucket that hangs must not delay
taking over a dead worker's downloads.
"""

from __future__ import annotations

import hashlib
import logging
import re
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.db import DatabaseError, connection
from django.db.models import F

from downloads.delivery.streaming import BLOCK
from downloads.engine.core.byte_range import ByteRange
from downloads.engine.core.errors import StorageUnavailable
from downloads.models import Rendition
from downloads.querysets import AT_REST
from downloads.storage.errors import FileLost
from downloads.storage.media import media_storage

if TYPE_CHECKING:
    from downloads.engine.transfer.sinks.object import UnfinishedUpload

SWEEP_INTERVAL: Final = 20.0  # seconds between two sweeps of unfinished uploads
ABANDONED_AFTER: Final = timedelta(hours=24)  # an upload that no row is known to have begun
_ID8: Final = re.compile(r"(?<![0-9a-f])[0-9a-f]{8}(?![0-9a-f])")
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
        """Abort abandoned uploads, then hash objects without a hash, until stopped."""
        if self._clock() >= self._next_sweep:
            self._next_sweep = self._clock() + SWEEP_INTERVAL
            for upload in abandoned_uploads():
                media_storage().abort(upload)
                log.info("unfinished upload aborted key=%r", upload.key)
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


def abandoned_uploads(now: datetime | None = None) -> list[UnfinishedUpload]:
    """Return the uploads that nothing will resume: of a rendition at rest, or a day old and of no
    row. Raises StorageUnavailable."""
    # Before the rows: one that is begun meanwhile is not on the list.
    begun = media_storage().uploads()
    known = _known_uploads() if begun else frozenset()
    long_ago = (now or datetime.now(UTC)) - ABANDONED_AFTER
    return [
        upload
        for upload in begun
        if upload.id not in known and (upload.begun_at < long_ago or _is_at_rest(upload.key))
    ]


def _known_uploads() -> frozenset[str]:
    """Return the ids of the uploads that some row may still resume, however long it is paused."""
    unfinished = Rendition.objects.filter(checkpoint__isnull=False).exclude(AT_REST)
    known = unfinished.values_list("checkpoint__upload__id", flat=True)
    return frozenset(each for each in known if each)


def _is_at_rest(key: str) -> bool:
    """Return True if the key is one of a known rendition that is not worked on.

    Every name holds the first eight digits of its rendition's id.
    """
    found = [row for id8 in _ID8.findall(key) for row in _renditions(id8)]
    resting = Rendition.objects.filter(AT_REST, pk__in=found)
    return bool(found) and resting.count() == len(found)


def _renditions(id8: str) -> list[uuid.UUID]:
    """Return the renditions whose ids begin so."""
    between = (uuid.UUID(id8 + "0" * 24), uuid.UUID(id8 + "f" * 24))
    return list(Rendition.objects.filter(pk__range=between).values_list("pk", flat=True))


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
