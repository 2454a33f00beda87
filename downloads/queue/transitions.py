"""The only writer of a status.

Every move is a compare-and-set: the row must still be in the status (and under the lease)
that the caller saw, else another was first and nothing is written. The move, its line in the
timeline, the bump of ``seq``, and the states and places in line of its downloads are one
transaction.

Locks are had in one order: content, rendition, download. A move has the rendition's row before it
writes its downloads; what writes a download's marks locks its rendition first, so that neither
derives a state from what the other is about to change.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db import transaction
from django.db.models import CharField, F, Q, UUIDField
from django.db.models.functions import Now

from config.prepared import PreparedUpdate, PreparedValues
from downloads.events.announce import announce_downloads, announce_rendition
from downloads.models import Download, Rendition, Transition
from downloads.querysets import HOLDS, MARKS, WANTS, DownloadQuerySet, state_of, stored_as
from downloads.queue import counters, entries
from downloads.queue.timeline import TransitionNote, copy_lines, line_of, note_all, write_line

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


class Moved(NamedTuple):
    """The columns of a rendition that has moved, as they are then."""

    content_id: uuid.UUID
    attempts: int
    generation: int
    reclaims: int
    lease_expires_at: datetime | None
    next_attempt_at: datetime
    started_at: datetime | None
    stored_at: datetime | None
    size: int | None
    note: str


_SEQ: Final = F("seq") + 1
_in_status: Final = PreparedUpdate(
    lambda pk, status: Rendition.objects.filter(pk=pk, status=status), UUIDField(), CharField()
)
_under_lease: Final = PreparedUpdate(
    lambda pk, status, lease: Rendition.objects.filter(pk=pk, status=status, lease_token=lease),
    UUIDField(),
    CharField(),
    UUIDField(),
)


def may_move(old: str, new: str) -> bool:
    return new in MOVES.get(old, frozenset())


@transaction.atomic(savepoint=False)
def move(
    pk: uuid.UUID,
    old: str,
    new: str,
    transition: TransitionNote | Callable[[Moved], TransitionNote],
    *,
    lease: uuid.UUID | None = None,
    **fields: Any,
) -> Moved | None:
    """Move a rendition from ``old`` to ``new``. Return it as it is then; None if it is no longer
    there to be moved.

    ``lease``: the token under which the caller works; None only for a rendition without a worker,
    or for the reaper. ``transition`` may depend on the row. Raises ValueError for a move that may
    never happen.
    """
    if not may_move(old, new):
        raise ValueError(f"a rendition may not move from {old} to {new}")
    set_ = {"status": new, "seq": _SEQ, **fields}
    if lease is None:
        rows = _in_status.returning(pk, old, set_=set_, columns=Moved._fields)
    else:
        rows = _under_lease.returning(pk, old, lease, set_=set_, columns=Moved._fields)
    if not rows:
        return None
    moved = Moved(*rows[0])
    _follow(pk, new)
    if not isinstance(transition, TransitionNote):
        transition = transition(moved)
    write_line(
        rendition_id=pk,
        attempt=moved.attempts,
        generation=moved.generation,
        **transition.columns(old, new),
    )
    announce_rendition(pk, new)
    if transition.event in counters.COUNTED_EVENTS:
        ended = counters.ATTEMPTS.labels(transition.event, transition.error_code)
        transaction.on_commit(ended.inc, robust=True)
    return moved


@transaction.atomic(savepoint=False)
def move_all(
    pks: Iterable[uuid.UUID], old: str, new: str, transition: TransitionNote, **fields: Any
) -> int:
    """Move renditions that no worker has in hand; those that have moved meanwhile stay. Return the
    number of the moved. To rest, in as many queries however many. Raises ValueError as ``move``."""
    if not may_move(old, new):
        raise ValueError(f"renditions may not move from {old} to {new}")
    rows = Rendition.objects.filter(pk__in=list(pks), status=old, lease_token=None)
    moved = list(rows.select_for_update().only("attempts", "generation").order_by("pk"))
    moved_pks = [each.pk for each in moved]
    Rendition.objects.filter(pk__in=moved_pks).update(status=new, seq=F("seq") + 1, **fields)
    _follow_all(moved_pks, new)
    Transition.objects.bulk_create(line_of(each, old, new, transition) for each in moved)
    for each in moved:
        announce_rendition(each.pk, new)
    return len(moved)


# A rendition's new status -> the downloads whose state follows it, and that state. The others keep
# theirs: a pause or a failure stays, and a rendition rests or fails because of its holders' marks.
_FOLLOWERS: Final[dict[str, tuple[Q, str]]] = {
    Status.QUEUED: (WANTS, "queued"),
    Status.RUNNING: (WANTS, "running"),
    Status.STORED: (HOLDS, "completed"),
}
_followers_of_one: Final[dict[str, PreparedUpdate]] = {
    Status.QUEUED: PreparedUpdate(lambda pk: _followers(Status.QUEUED, rendition=pk), UUIDField()),
    Status.RUNNING: PreparedUpdate(
        lambda pk: _followers(Status.RUNNING, rendition=pk), UUIDField()
    ),
    Status.STORED: PreparedUpdate(lambda pk: _followers(Status.STORED, rendition=pk), UUIDField()),
}


def _followers(new: str, **of: Any) -> DownloadQuerySet:
    return Download.objects.filter(_FOLLOWERS[new][0], **of)


def _follow(pk: uuid.UUID, new: str) -> None:
    """Write what the move means for the rendition's downloads."""
    if new not in _FOLLOWERS:
        return
    _followers_of_one[new](pk, set_=stored_as(_FOLLOWERS[new][1]))
    if new == Status.QUEUED:
        entries.join(Q(rendition=pk))
    elif new == Status.RUNNING:
        entries.start(pk)


def _follow_all(pks: Collection[uuid.UUID], new: str) -> None:
    """Write the same for many."""
    if new not in _FOLLOWERS:
        return
    _followers(new, rendition__in=pks).update(**stored_as(_FOLLOWERS[new][1]))
    if new == Status.QUEUED:
        entries.join(Q(rendition__in=pks))
    elif new == Status.RUNNING:
        for pk in pks:
            entries.start(pk)


def lock_renditions(pks: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Keep these in their status until the transaction ends. Return it of each."""
    wanted = set(pks)
    if len(wanted) == 1:
        return dict(_lock_one(*wanted))
    rows = Rendition.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk")
    return dict(rows.values_list("pk", "status"))


_lock_one: Final = PreparedValues(
    lambda pk: (
        Rendition.objects.select_for_update(no_key=True)
        .filter(pk=pk)
        .order_by()
        .values_list("pk", "status")
    ),
    UUIDField(),
)


@transaction.atomic(savepoint=False)
def mark(download: Download, event: str, *, reason: str = "", **marks: Any) -> bool:
    """Write a download's own marks, if they still are those that the caller read.

    ``download`` comes from ``with_status()``. Return False if another writer was first.
    """
    held = marks.get("rendition", download.rendition).pk
    status = lock_renditions([held]).get(held)
    if status is None:
        return False  # merged into another rendition, which the download has now
    state = _state_after(download, marks, status)
    # Every mark bumps seq_base, so it is the version that the caller read.
    row = Download.objects.filter(pk=download.pk, seq_base=download.seq_base)
    if row.update(**{"seq_base": F("seq_base") + 1, **stored_as(state), **marks}) != 1:
        return False
    _settle([download.pk], state)
    was: str = download.status  # type: ignore[attr-defined]
    now = Download.objects.with_status().filter(pk=download.pk)
    note_all(now, event, from_status=was, reason=reason)
    announce_downloads([download.pk], event)
    return True


@transaction.atomic(savepoint=False)
def mark_all(pks: Collection[uuid.UUID], event: str, **marks: Any) -> None:
    """Write the same marks of many downloads, which the caller has locked."""
    was, becomes = defaultdict[str, list[uuid.UUID]](list), defaultdict[str, list[uuid.UUID]](list)
    before = list(Download.objects.filter(pk__in=pks).with_status())
    statuses = lock_renditions(each.rendition_id for each in before)
    for each in before:
        was[each.status].append(each.pk)
        becomes[_state_after(each, marks, statuses[each.rendition_id])].append(each.pk)
    for state, some in becomes.items():
        rows = Download.objects.filter(pk__in=some)
        rows.update(seq_base=F("seq_base") + 1, **stored_as(state), **marks)
        _settle(some, state)
    for status, some in was.items():
        note_all(Download.objects.with_status().filter(pk__in=some), event, from_status=status)
    announce_downloads(pks, event)


def _state_after(download: Download, marks: Mapping[str, Any], rendition_status: str) -> str:
    """Return the state of a download once it has these marks."""
    set_ = {name for name in MARKS if marks.get(name, getattr(download, name)) is not None}
    return state_of(set_, rendition_status)


def _settle(pks: Collection[uuid.UUID], state: str) -> None:
    """Have downloads that are in this state now stand in the line, or not."""
    if state == Download.Status.QUEUED:
        entries.join(Q(pk__in=pks))
    else:
        entries.leave(Q(pk__in=pks))


@transaction.atomic(savepoint=False)
def stamp_failure(rendition: Rendition, *, error_code: str, error: str) -> int:
    """Stamp a failure on each download that wants the rendition now; only its own retry clears
    it."""
    holders = Download.objects.filter(rendition=rendition).wanting()
    failed = list(holders.values_list("pk", flat=True))
    stamped = Download.objects.filter(pk__in=failed).update(
        failed_at=Now(),
        error_code=error_code,
        error=error,
        seq_base=F("seq_base") + 1,
        **stored_as("failed"),
    )
    entries.leave(Q(pk__in=failed))
    announce_downloads(failed, "failed")
    return stamped


@transaction.atomic(savepoint=False)
def hand_over(download: Download, rendition: Rendition, old: Rendition) -> None:
    """Give the download another rendition; its ``seq`` never falls and its timeline stays. The
    caller has locked both renditions."""
    state = _state_after(download, {}, rendition.status)
    Download.objects.filter(pk=download.pk).update(
        rendition=rendition,
        **stored_as(state),
        # seq = base + rendition.seq, and the new rendition's may be smaller.
        seq_base=F("seq_base") + old.seq + 1,
    )
    _settle([download.pk], state)
    copy_lines(old, download)
    announce_downloads([download.pk], "joined")
