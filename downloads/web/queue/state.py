"""The state of the whole queue for staff: workers, their downloads, and waiting ones."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Case, F, Value, When

from downloads import conf
from downloads.engine.core import humanize
from downloads.engine.core.errors import ERRORS_BY_CODE
from downloads.models import Download, QueueEntry, Rendition, Worker
from downloads.querysets import HEAVY, OFFERS, RenditionQuerySet, alive
from downloads.queue import figures
from downloads.queue.waiting import Hold, Situation, Waiting, situation, why
from downloads.schemas import ProgressLabels, shown_progress
from downloads.schemas.labels import cause_of
from downloads.web.cards.download import host_in_words
from downloads.web.health.strip import room_left
from downloads.web.waiting_words import to_staff

SHOWN: Final = 100  # waiting rows
NAMED: Final = 3  # users of one row


@dataclass(frozen=True, slots=True)
class Row:
    """One rendition. ``people`` names up to NAMED of its users; ``others`` counts the rest."""

    id: uuid.UUID
    title: str
    host: str
    people: tuple[str, ...]
    others: int


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
    speed: str
    workers: tuple[WorkerRow, ...]
    waiting: tuple[WaitingRow, ...]
    more: int


def queue_state() -> QueueState:
    """Return the state, in a number of queries that does not grow with the queue."""
    workers, leased = _workers(), list(_shown(Rendition.objects.leased()))
    live = [worker for worker in workers if not worker.silent]
    room = room_left()
    now = situation(live, disk_full=room is not None and room <= 0)
    queued = _queued(now)
    claims = _claims([*leased, *queued])
    everyone = figures.everybodys()
    counts = figures.counts(None)
    at_work = defaultdict(list)
    for rendition in sorted(leased, key=lambda one: (one.started_at or now.now, one.pk)):
        at_work[rendition.worker_id].append(_running(rendition, claims[rendition.pk]))
    return QueueState(
        counts=counts,
        speed=humanize.speed_in_words(figures.bytes_per_second(everyone)),
        workers=tuple(_worker(worker, at_work[worker.pk]) for worker in workers),
        waiting=tuple(_waiting(one, claims[one.pk], now) for one in queued),
        more=max(counts["queued"] - sum(len(claims[one.pk]) for one in queued), 0),
    )


# --- reading ------------------------------------------------------------------------------


def _workers() -> list[Any]:
    """Return the live workers, then those that fell silent recently."""
    silent = Case(When(alive(conf.LEASE), then=Value(False)), default=Value(True))
    workers = Worker.objects.annotate(silent=silent, running=figures.running_of_worker())
    return list(workers.order_by("silent", "started_at", "id"))


def _queued(now: Situation) -> list[Rendition]:
    """Return up to SHOWN: the next in turn, then those held back."""
    line = list(now.turns)[:SHOWN]
    rows = _shown(Rendition.objects.all())
    head = sorted(rows.filter(pk__in=line), key=lambda one: now.turns[one.pk])
    room = SHOWN - len(head)
    waiting = QueueEntry.objects.exclude(rendition__in=line).order_by("due_at", "queued_at")
    # A few more, since a shared one stands in line once for each holder.
    kept_back = dict.fromkeys(waiting.values_list("rendition", flat=True)[: 2 * room])
    found = rows.in_bulk(list(kept_back)[:room]) if room else {}
    return [*head, *(found[pk] for pk in kept_back if pk in found)]


def _shown(rows: RenditionQuerySet) -> RenditionQuerySet:
    offers = (f"content__{name}" for name in OFFERS)
    return rows.select_related("content").defer(*HEAVY, *offers)


def _claims(renditions: Iterable[Rendition]) -> dict[uuid.UUID, list[Any]]:
    """Return the active downloads of each rendition, oldest first."""
    ids = [rendition.pk for rendition in renditions]
    wanting = Download.objects.wanting().filter(rendition__in=ids).select_related("user")
    title = Case(When(title="", then=F("content__title")), default=F("title"))
    found: dict[uuid.UUID, list[Any]] = defaultdict(list)
    for claim in wanting.annotate(shown_title=title).order_by("created_at", "pk"):
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


def _row(rendition: Rendition, claims: list[Any]) -> dict[str, Any]:
    people = tuple(dict.fromkeys(claim.user.get_username() for claim in claims))
    content = rendition.content
    return {
        "id": rendition.pk,
        "title": (claims[0].shown_title if claims else content.title) or content.source_url,
        "host": host_in_words(content.source_url) or rendition.host,
        "people": people[:NAMED],
        "others": len(people[NAMED:]),
    }


def _running(rendition: Rendition, claims: list[Any]) -> RunningRow:
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


def _waiting(rendition: Rendition, claims: list[Any], now: Situation) -> WaitingRow:
    one = Waiting.of(rendition, claims)
    people = {claim.user_id: claim.user for claim in claims}
    reason = why(one, now)
    error_class = ERRORS_BY_CODE.get(rendition.error_code)
    error = rendition.error or (error_class.default_message if error_class else "")
    return WaitingRow(
        **_row(rendition, claims),
        hold=reason.hold,
        why=to_staff(reason, one.host, list(people.values()), now.now),
        until=reason.until,
        note=cause_of(error) if error else "",
    )
