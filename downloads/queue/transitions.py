"""The only writer of a status.

Every move is a compare-and-set: the row must still be in the status (and under the lease)
that the caller saw, else another was first and nothing is written. The move, its line in the
timeline and the bump of ``seq`` are one transaction.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from downloads.events.announce import announce_downloads, announce_rendition
from downloads.models import Download, Rendition, Transition
from downloads.queue import counters

Status = Rendition.Status

# from -> to; no other move may happen
MOVES: Final[dict[str, frozenset[str]]] = {
    Status.QUEUED: frozenset({Status.RUNNING, Status.IDLE}),
    Status.RUNNING: frozenset({Status.FINALIZING, Status.QUEUED, Status.FAILED, Status.IDLE}),
    # Back to queued if the lease was lost: finalising again finds the finished steps.
    Status.FINALIZING: frozenset({Status.STORED, Status.QUEUED, Status.FAILED, Status.IDLE}),
    Status.STORED: frozenset({Status.IDLE}),
    Status.FAILED: frozenset({Status.QUEUED, Status.IDLE}),
    Status.IDLE: frozenset({Status.QUEUED}),
}

NO_LEASE: Final[dict[str, Any]] = {
    "lease_token": None,
    "lease_expires_at": None,
    "worker": None,
    "speed": 0.0,
    "eta": None,
    "phase": "",
}


@dataclass(frozen=True, slots=True)
class TransitionNote:
    """The timeline's text on a move. ``reason`` is a sentence for a person."""

    event: str
    reason: str = ""
    error_code: str = ""
    worker: str = ""


def may_move(old: str, new: str) -> bool:
    return new in MOVES.get(old, frozenset())


@transaction.atomic
def move(
    pk: uuid.UUID,
    old: str,
    new: str,
    transition: TransitionNote,
    *,
    lease: uuid.UUID | None = None,
    **fields: Any,
) -> bool:
    """Move a rendition from ``old`` to ``new``. Return False if it is no longer there to be moved.

    ``lease``: the token under which the caller works; None only for a rendition without a worker,
    or for the reaper. Raises ValueError for a move that may never happen.
    """
    if not may_move(old, new):
        raise ValueError(f"a rendition may not move from {old} to {new}")
    row = Rendition.objects.filter(pk=pk, status=old)
    if lease is not None:
        row = row.filter(lease_token=lease)
    if row.update(status=new, seq=F("seq") + 1, **fields) != 1:
        return False
    moved = Rendition.objects.only("attempts", "generation").get(pk=pk)
    _line(moved, old, new, transition).save()
    announce_rendition(pk, new)
    if transition.event in counters.COUNTED_EVENTS:
        ended = counters.ATTEMPTS.labels(transition.event, transition.error_code)
        transaction.on_commit(ended.inc, robust=True)
    return True


@transaction.atomic
def move_all(
    pks: Iterable[uuid.UUID], old: str, new: str, transition: TransitionNote, **fields: Any
) -> int:
    """Move renditions that no worker has in hand; those that have moved meanwhile stay. Return the
    number of the moved. To rest, in as many queries however many. Raises ValueError as ``move``."""
    if not may_move(old, new):
        raise ValueError(f"renditions may not move from {old} to {new}")
    rows = Rendition.objects.filter(pk__in=list(pks), status=old, lease_token=None)
    moved = list(rows.select_for_update().only("attempts", "generation"))
    Rendition.objects.filter(pk__in=[each.pk for each in moved]).update(
        status=new, seq=F("seq") + 1, **fields
    )
    Transition.objects.bulk_create(_line(each, old, new, transition) for each in moved)
    for each in moved:
        announce_rendition(each.pk, new)
    return len(moved)


def _line(moved: Rendition, old: str, new: str, note: TransitionNote) -> Transition:
    """Return the line of the timeline for a move."""
    return Transition(
        rendition=moved,
        event=note.event,
        from_status=old,
        to_status=new,
        reason=note.reason,
        error_code=note.error_code,
        attempt=moved.attempts,
        generation=moved.generation,
        worker=note.worker,
    )


@transaction.atomic
def mark(download: Download, event: str, *, reason: str = "", **marks: Any) -> bool:
    """Write a download's own marks, if they still are those that the caller read.

    ``download`` comes from ``with_status()``. Return False if another writer was first.
    """
    # Every mark bumps seq_base, so it is the version that the caller read.
    row = Download.objects.filter(pk=download.pk, seq_base=download.seq_base)
    if row.update(**{"seq_base": F("seq_base") + 1, **marks}) != 1:
        return False
    was: str = download.status  # type: ignore[attr-defined]
    now = Download.objects.with_status().filter(pk=download.pk)
    note_all(now, event, from_status=was, reason=reason)
    announce_downloads([download.pk], event)
    return True


@transaction.atomic
def mark_all(pks: Collection[uuid.UUID], event: str, **marks: Any) -> None:
    """Write the same marks of many downloads, which the caller has locked."""
    was: dict[str, list[uuid.UUID]] = defaultdict(list)
    before = Download.objects.filter(pk__in=pks).with_status()
    for pk, status in before.values_list("pk", "status"):
        was[status].append(pk)
    Download.objects.filter(pk__in=pks).update(seq_base=F("seq_base") + 1, **marks)
    for status, some in was.items():
        note_all(Download.objects.with_status().filter(pk__in=some), event, from_status=status)
    announce_downloads(pks, event)


def note_all(
    now: Iterable[Download], event: str, *, from_status: str = "", reason: str = ""
) -> None:
    """Write a line into each download's own timeline. ``now`` comes from ``with_status()``."""
    Transition.objects.bulk_create(
        Transition(
            download=download,
            event=event,
            from_status=from_status,
            to_status=download.status,  # type: ignore[attr-defined]
            reason=reason,
            error_code=download.error_code,
        )
        for download in now
    )


def note_work(pk: uuid.UUID, note: TransitionNote) -> None:
    """Write a line into the timeline of a rendition that stays in its status."""
    working = Rendition.objects.only("attempts", "generation", "status").get(pk=pk)
    _line(working, working.status, working.status, note).save()


@transaction.atomic
def stamp_failure(rendition: Rendition, *, error_code: str, error: str) -> int:
    """Stamp a failure on each download that wants the rendition now; only its own retry clears
    it."""
    holders = Download.objects.filter(rendition=rendition).wanting()
    failed = list(holders.values_list("pk", flat=True))
    stamped = Download.objects.filter(pk__in=failed).update(
        failed_at=Now(), error_code=error_code, error=error, seq_base=F("seq_base") + 1
    )
    announce_downloads(failed, "failed")
    return stamped


@transaction.atomic
def hand_over(download: Download, rendition: Rendition, old: Rendition) -> None:
    """Give the download another rendition; its ``seq`` never falls and its timeline stays."""
    Download.objects.filter(pk=download.pk).update(
        rendition=rendition,
        # seq = base + rendition.seq, and the new rendition's may be smaller.
        seq_base=F("seq_base") + old.seq + 1,
    )
    Transition.objects.bulk_create(
        Transition(
            download=download,
            at=line.at,
            event=line.event,
            from_status=line.from_status,
            to_status=line.to_status,
            reason=line.reason,
            error_code=line.error_code,
            attempt=line.attempt,
            generation=line.generation,
            worker=line.worker,
        )
        for line in old.transitions.all()
    )
    announce_downloads([download.pk], "joined")
