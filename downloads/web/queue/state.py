"""The state of the whole queue for staff: workers, their downloads, and waiting ones."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.db.models import Case, F, UUIDField, Value, When

from config.prepared import Prepared, PreparedValues
from downloads import conf
from downloads.engine.core import humanize
from downloads.engine.core.errors import ERRORS_BY_CODE
from downloads.models import Download, QueueEntry, Rendition, Worker
from downloads.querysets import SHOWN_TITLE, RenditionQuerySet, alive
from downloads.queue import figures
from downloads.queue.waiting import Hold, Situation, Waiting, situation, why
from downloads.schemas import ProgressLabels, shown_progress
from downloads.schemas.labels import cause_of
from downloads.web.cards.download import host_in_words
from downloads.web.health.strip import Activity, room_left
from downloads.web.waiting_words import to_staff

SHOWN: Final = 100  # waiting rows
NAMED: Final = 3  # users of one row


class Claim(NamedTuple):
    """One user's download of a rendition that is shown."""

    rendition_id: uuid.UUID
    user_id: int
    username: str
    max_active: int | None
    title: str

    def __str__(self) -> str:
        return self.username

    @property
    def active_limit(self) -> int:
        return settings.USER_MAX_ACTIVE if self.max_active is None else self.max_active


@dataclass(frozen=True, slots=True)
class Row:
    """One rendition. ``owners`` names up to NAMED of its users, and counts the others."""

    id: str
    title: str
    host: str
    owners: str


@dataclass(frozen=True, slots=True)
class RunningRow(Row):
    """A running rendition. ``percent`` is whole; ``measured``: its size is known."""

    state: str
    percent: int
    measured: bool
    amount: str
    speed: str
    left: str

    @property
    def label(self) -> str:
        """The id of the element that names the bar."""
        return f"row-{self.id}"

    @property
    def progress_text(self) -> str:
        percent = f"{self.percent} percent"
        return f"{percent}, {self.amount}" if self.amount else percent


@dataclass(frozen=True, slots=True)
class WaitingRow(Row):
    """A waiting rendition. ``why`` as text, ``until`` if the wait ends by itself, ``note`` the last
    attempt's error."""

    hold: Hold
    why: str
    until: dt.datetime | None
    note: str

    @property
    def is_in_line(self) -> bool:
        """True if a higher priority would start it earlier."""
        return self.hold is Hold.TURN


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """A worker. ``silent``: no heartbeat for a whole lease, so its work goes to others."""

    name: str
    heartbeat_at: dt.datetime
    slots: str
    stopping: bool
    silent: bool
    work: tuple[RunningRow, ...]


@dataclass(frozen=True, slots=True)
class QueueState:
    """The whole queue. ``more``: waiting downloads beyond those listed."""

    counts: dict[str, int]
    activity: Activity
    speed: str
    workers: tuple[WorkerRow, ...]
    waiting: tuple[WaitingRow, ...]
    more: int


def queue_state() -> QueueState:
    """Return the state, in a number of queries that does not grow with the queue."""
    leased = _leased()
    workers = figures.with_running(_workers(), (one.worker_id for one in leased))
    live = [worker for worker in workers if not worker.silent]
    room = room_left()
    now = situation(live, disk_full=room is not None and room <= 0)
    queued = _queued(now)
    claims = _claims([*leased, *queued])
    counts = figures.counts(None)
    speed = sum(one.speed for one in leased if claims[one.pk])
    at_work = defaultdict(list)
    for rendition in sorted(leased, key=lambda one: (one.started_at or now.now, one.pk)):
        at_work[rendition.worker_id].append(_running(rendition, claims[rendition.pk]))
    return QueueState(
        counts=counts,
        activity=Activity(counts["active"], counts["queued"], speed),
        speed=humanize.speed_in_words(speed),
        workers=tuple(_worker(worker, at_work[worker.pk]) for worker in workers),
        waiting=tuple(_waiting(one, claims[one.pk], now) for one in queued),
        more=max(counts["queued"] - sum(len(claims[one.pk]) for one in queued), 0),
    )


# --- reading ------------------------------------------------------------------------------


def _by_silence() -> Any:
    silent = Case(When(alive(conf.LEASE), then=Value(False)), default=Value(True))
    return Worker.objects.annotate(silent=silent).order_by("silent", "started_at", "id")


_workers: Final[Prepared[Any]] = Prepared(_by_silence)  # live ones, then those that fell silent


def _shown(rows: RenditionQuerySet) -> RenditionQuerySet:
    """Return the rows with what is shown of them, and of their content."""
    return (
        rows.order_by()
        .only(*_COLUMNS)
        .annotate(source_title=F("content__title"), source_url=F("content__source_url"))
    )


_COLUMNS: Final = (
    *("host", "worker", "started_at", "phase", "progress", "bytes_done", "bytes_total", "speed"),
    *("eta", "next_attempt_at", "waits_since", "reclaims", "error", "error_code"),
)
_leased: Final[Prepared[Any]] = Prepared(lambda: _shown(Rendition.objects.leased()))
_of_ids: Final[Prepared[Any]] = Prepared(
    lambda *ids: _shown(Rendition.objects.filter(pk__in=ids)), *[UUIDField()] * SHOWN
)


def _filled(ids: Collection[uuid.UUID]) -> list[uuid.UUID]:
    """Return as many as a prepared query has places for: the last is named again."""
    *others, last = ids
    return [*others, *[last] * (SHOWN - len(others))]


def _queued(now: Situation) -> list[Rendition]:
    """Return up to SHOWN: the next in turn, then those held back."""
    line = list(now.turns)[:SHOWN]
    room = SHOWN - len(line)
    waiting = QueueEntry.objects.exclude(rendition__in=line).order_by("due_at", "queued_at")
    # A few more, since a shared one stands in line once for each holder.
    kept_back = dict.fromkeys(waiting.values_list("rendition", flat=True)[: 2 * room])
    ids = [*line, *list(kept_back)[:room]]
    found = {one.pk: one for one in _of_ids(*_filled(ids))} if ids else {}
    return [found[pk] for pk in ids if pk in found]


_wanting: Final = PreparedValues(
    lambda *ids: (
        Download.objects.wanting()
        .filter(rendition__id__in=ids)  # as ``rendition`` it takes no slots
        .annotate(shown_title=SHOWN_TITLE)
        .order_by("created_at", "pk")
        .values_list("rendition", "user", "user__username", "user__max_active", "shown_title")
    ),
    *[UUIDField()] * SHOWN,
)


def _claims(renditions: Iterable[Rendition]) -> dict[uuid.UUID, list[Claim]]:
    """Return the active downloads of each rendition, oldest first."""
    found: dict[uuid.UUID, list[Claim]] = defaultdict(list)
    ids = [rendition.pk for rendition in renditions]
    for start in range(0, len(ids), SHOWN):
        for claim in map(Claim._make, _wanting(*_filled(ids[start : start + SHOWN]))):
            found[claim.rendition_id].append(claim)
    return found


# --- words --------------------------------------------------------------------------------


def _worker(worker: Any, work: list[RunningRow]) -> WorkerRow:
    return WorkerRow(
        name=str(worker),
        heartbeat_at=worker.heartbeat_at,
        slots=f"{len(work)} of {worker.concurrency} slots in use",
        stopping=worker.stopping,
        silent=worker.silent,
        work=tuple(work),
    )


def _row(rendition: Any, claims: list[Claim]) -> dict[str, Any]:
    return {
        "id": str(rendition.pk),
        "title": (claims[0].title if claims else rendition.source_title) or rendition.source_url,
        "host": host_in_words(rendition.source_url) or rendition.host,
        "owners": _owners(list(dict.fromkeys(claim.username for claim in claims))),
    }


def _owners(names: list[str]) -> str:
    others = len(names) - NAMED
    said = f"Owner{'s' if len(names) > 1 else ''}: {', '.join(names[:NAMED])}"
    return f"{said} and {others} other{'' if others == 1 else 's'}" if others > 0 else said


def _running(rendition: Rendition, claims: list[Claim]) -> RunningRow:
    total = rendition.bytes_total
    labels = ProgressLabels.running(
        rendition.phase, rendition.bytes_done, total, rendition.speed, rendition.eta
    )
    return RunningRow(
        **_row(rendition, claims),
        state=labels.status,
        percent=int(shown_progress(rendition.progress)),
        measured=total is not None,
        amount=labels.amount,
        speed=labels.speed,
        left=labels.eta,
    )


def _waiting(rendition: Rendition, claims: list[Claim], now: Situation) -> WaitingRow:
    holders = {claim.user_id: claim for claim in claims}
    reason = why(Waiting.of(rendition, holders), now)
    error_class = ERRORS_BY_CODE.get(rendition.error_code)
    error = rendition.error or (error_class.default_message if error_class else "")
    return WaitingRow(
        **_row(rendition, claims),
        hold=reason.hold,
        why=to_staff(reason, rendition.host, list(holders.values()), now.now),
        until=reason.until,
        note=cause_of(error) if error else "",
    )
