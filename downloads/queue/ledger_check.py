"""Stored states and places in line against what they are derived from.

They are written in the transaction that changes what they follow from, so that nothing differs,
except after a process of an earlier version, or a change by hand. ``manage.py check_ledger`` looks
at all downloads, the sweep at those that are unfinished by either account.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When

from downloads import conf
from downloads.models import Download, QueueEntry
from downloads.querysets import ACTIVE_RENDITION, STATE, TAB_OF, WANTS, stored_as
from downloads.queue import entries
from downloads.queue.transitions import lock_renditions

BATCH: Final = 500
EVERY: Final = Q()
_TICK: Final = timedelta(milliseconds=1)
_UNFINISHED: Final = Q(tab="active") | Q(rendition__status__in=ACTIVE_RENDITION)
_TAB: Final = Case(*(When(state=state, then=Value(tab)) for state, tab in TAB_OF.items()))


@dataclass(frozen=True, slots=True)
class Difference:
    """One download whose stored state or place in line is wrong. ``derived``: the state that it
    should have; ``why``: what is wrong, in words."""

    download_id: uuid.UUID
    stored: str
    derived: str
    why: str


def differences() -> Iterator[Difference]:
    """Yield what differs."""
    for pk, stored, derived in _wrong_states(EVERY).values_list("pk", "state", "derived"):
        yield Difference(pk, stored, derived, "its state")
    rows = Download.objects.annotate(derived=STATE)
    for why, found in (("no place in line", _missing()), ("its place in line", _wrong_places())):
        for pk in found:
            row = rows.filter(pk=pk).values_list("state", "derived").first()
            if row is not None:
                yield Difference(pk, *row, why)
    for pk in _stale().values_list("pk", flat=True):
        yield Difference(pk, "queued", "", "a place in line of what does not wait")


def repair() -> int:
    """Write what is derived. Return the number of the repaired."""
    return _repair(EVERY) + _join(_wrong_places())


def repair_unfinished() -> int:
    """Do so for what is unfinished; a place that is wrong is left."""
    return _repair(_UNFINISHED)


def _repair(which: Q) -> int:
    repaired = 0
    while pks := list(_wrong_states(which).values_list("pk", flat=True)[:BATCH]):
        repaired += _repair_states(pks)
    return repaired + _stale().delete()[0] + _join(_missing())


def _join(found: Iterable[uuid.UUID]) -> int:
    pks = list(found)
    for start in range(0, len(pks), BATCH):
        entries.join(Q(pk__in=pks[start : start + BATCH]))
    return len(pks)


def _wrong_states(which: Q) -> QuerySet[Any]:
    rows = Download.objects.filter(which).annotate(derived=STATE, right_tab=_TAB).order_by()
    return rows.exclude(derived=F("state"), right_tab=F("tab"))


@transaction.atomic
def _repair_states(pks: list[uuid.UUID]) -> int:
    lock_renditions(Download.objects.filter(pk__in=pks).values_list("rendition_id", flat=True))
    becomes: dict[str, list[uuid.UUID]] = defaultdict(list)
    # Derived again under the locks.
    rows = Download.objects.filter(pk__in=pks).annotate(derived=STATE).order_by()
    for pk, derived in rows.values_list("pk", "derived"):
        becomes[derived].append(pk)
    for state, some in becomes.items():
        Download.objects.filter(pk__in=some).update(**stored_as(state))
    return len(pks)


def _missing() -> Any:
    """Return the downloads that wait, and stand nowhere in line."""
    standing = QueueEntry.objects.filter(download=OuterRef("pk"))
    waiting = Download.objects.filter(WANTS, rendition__status="queued").order_by()
    return waiting.exclude(Exists(standing)).values_list("pk", flat=True)


def _stale() -> QuerySet[QueueEntry]:
    """Return the places of downloads that do not wait, or are gone."""
    waiting = Download.objects.filter(WANTS, pk=OuterRef("pk"), rendition__status="queued")
    return QueueEntry.objects.exclude(Exists(waiting))


def _wrong_places() -> Any:
    """Return the downloads that stand in another place than their rows say."""
    suspect = Q(rendition__reclaims__gte=conf.SOLO_FROM_RECLAIM)
    right = (Q(suspect=True) & suspect | Q(suspect=False) & ~suspect) & Q(
        user=F("download__user"),
        priority=F("download__priority"),
        rendition=F("download__rendition"),
        host=F("rendition__host"),
        queued_at__range=_around("rendition__queued_at"),
        due_at__range=_around("rendition__next_attempt_at"),
    )
    return QueueEntry.objects.exclude(right).values_list("pk", flat=True)


def _around(name: str) -> tuple[Any, Any]:
    # SQLite's own Now() writes milliseconds, and compares times as texts.
    return F(name) - _TICK, F(name) + _TICK
