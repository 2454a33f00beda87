"""Leftovers of crashes and outages, and their removal.

Each kind has an owner that runs at least twice a minute: this host's maintenance loop for what is
on its disks, the elected loop for what the ledger names, the upkeep for unfinished uploads.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from downloads.delivery.upkeep import abandoned_uploads
from downloads.engine.core.errors import StorageUnavailable
from downloads.engine.sandbox import workdirs
from downloads.jobs.reconcile import Kind, differences, repair
from downloads.jobs.release import discard_parts, left_behind, sweep_left_behind
from downloads.models import Rendition
from downloads.storage.media import media_storage
from downloads.storage.storage import discard_work, left_work_dirs

log = logging.getLogger(__name__)

RESTING = (Rendition.Status.STORED, Rendition.Status.FAILED, Rendition.Status.IDLE)


@dataclass(frozen=True, slots=True)
class Leftover:
    """Something to be removed. ``kind`` in words, ``name`` by which an operator finds it."""

    kind: str
    name: str


def leftovers() -> Iterator[Leftover]:
    """Yield what would be swept now, seen from this host. Raises StorageUnavailable."""
    for folder in workdirs.abandoned():
        yield Leftover("folder of a jailed program", str(folder))
    for rendition_id in left_work_dirs():
        yield Leftover("unfinished files", str(rendition_id))
    for rendition in left_behind():
        yield Leftover("rendition without holders", str(rendition.pk))
    for upload in abandoned_uploads():
        yield Leftover("unfinished upload", upload.key)
    for difference in differences():
        if difference.kind is Kind.ORPHANED:
            yield Leftover("orphaned file", difference.name)


def sweep_all() -> None:
    """Remove all of these. Raises StorageUnavailable."""
    sweep_host()
    sweep_left_behind()
    for upload in abandoned_uploads():
        media_storage().abort(upload)
    for difference in differences():
        if difference.kind is Kind.ORPHANED:
            repair(difference)


def sweep_host() -> None:
    """Remove what is left on this host's disks; no other host can."""
    workdirs.sweep()
    for rendition_id in left_work_dirs():
        try:
            _discard(rendition_id)
        except StorageUnavailable as error:
            log.warning("sweep failed rendition=%s detail=%r", rendition_id, error.detail)


def _discard(rendition_id: uuid.UUID) -> None:
    if Rendition.objects.filter(pk=rendition_id).exists():
        discard_parts(rendition_id, *RESTING)
    else:
        discard_work(rendition_id)
