"""What the rest of Ferry calls when something happens, within the transaction in which it does.

What webhooks are owed is written there and then. News for open pages is best effort, and never
raises, nor takes another hook along (``robust``): each of these reads the ledger after the commit,
and tells each holder what it came to for that holder: a pause is its owner's alone, and a failure
once stamped stays until its owner retries.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any, Final, ParamSpec

from django.db import DatabaseError, transaction
from django.db.models import Q

from downloads.events.outbound_event import RECHECK, OutboundEvent
from downloads.events.publisher import publisher
from downloads.models import Content, ContentRequest, Download, Rendition
from downloads.querysets import DownloadQuerySet
from downloads.schemas import (
    ContentData,
    ContentPayload,
    DeletedData,
    DownloadPayload,
    Event,
    ProgressData,
    ProgressLabels,
    shown_progress,
    state_event,
    updated_event,
)
from downloads.webhooks import outbox

log = logging.getLogger(__name__)
P = ParamSpec("P")

# A rendition's new status -> the status of the holders for whom that is news. A failure is
# stamped on each holder (``announce_downloads``); what rests does so because of its holders.
TOLD: Final[dict[str, str]] = {
    Rendition.Status.QUEUED: "queued",
    Rendition.Status.RUNNING: "running",
    Rendition.Status.STORED: "completed",
}
# Marks that leave the status as it was.
UPDATES: Final = frozenset({"kept", "prioritised", "resolved"})
# To join another rendition under way is no news to who hears of changes alone.
OWED: Final = {"joined": frozenset({"queued", "completed"})}


def announce_rendition(rendition_id: uuid.UUID, status: str) -> None:
    """A rendition has moved to ``status``."""
    if status == Rendition.Status.FINALIZING:
        announce_progress(rendition_id)
    elif status in TOLD:
        held = Download.objects.filter(rendition_id=rendition_id)
        outbox.owe_states(held, {TOLD[status]})
        rows = _holders(rendition_id).filter(status=TOLD[status])
        transaction.on_commit(lambda: _tell_states(rows), robust=True)


def announce_resolved(rendition_id: uuid.UUID) -> None:
    """What a running rendition is was learnt: its title, size, type.

    Comes before the ``report`` that writes it down in the same transaction, whose progress has
    the same ``seq`` and tells less.
    """
    running = _holders(rendition_id).filter(status="running")
    transaction.on_commit(lambda: _tell_states(running, updated=True), robust=True)


def announce_requested(user_id: int, downloads: Sequence[Download]) -> None:
    """Announce new downloads of one user. ``downloads`` come ``with_status(in_line=True)``."""
    webhooks = outbox.hearing(Q(user_id=user_id))
    if webhooks:
        outbox.owe_shown(webhooks, downloads)
    rows = Download.objects.filter(pk__in=[download.pk for download in downloads])
    now = rows.with_status(in_line=True)
    transaction.on_commit(lambda: _tell_states(now), robust=True)


def announce_downloads(download_ids: Iterable[uuid.UUID], event: str) -> None:
    """Announce marks of downloads' own; ``event`` as their timeline says it.

    ``download_ids`` is read at once, not after the commit.
    """
    rows = Download.objects.filter(pk__in=list(download_ids))
    if event not in UPDATES:
        outbox.owe_states(rows, OWED.get(event))
    found = rows.with_status(in_line=True)
    transaction.on_commit(lambda: _tell_states(found, updated=event in UPDATES), robust=True)


def announce_deleted(user_id: int, download_id: uuid.UUID, seq: int) -> None:
    """``seq``: the last that the download had."""
    data = DeletedData(download_id=download_id)
    event = Event(event="download:deleted", data=data, seq=seq + 1)
    outbox.owe_deleted(user_id, event, download_id)
    news = [OutboundEvent.of(user_id, event, download_id)]
    transaction.on_commit(lambda: publisher().send(news), robust=True)


def announce_progress(rendition_id: uuid.UUID) -> None:
    """One small query; nothing while Redis is away."""
    if not publisher().is_away:
        transaction.on_commit(lambda: _tell_progress(rendition_id), robust=True)


def announce_content(content_id: uuid.UUID, *, changed: bool = True) -> None:
    """Its probe has ended: told to all who asked for it. ``changed`` is False where it was ready
    before: pages show what is new of it, webhooks are not told again."""
    if changed:
        _owe_content(content_id)
    transaction.on_commit(lambda: _tell_content(content_id), robust=True)


def announce_signed_out(user_id: int) -> None:
    """His open sockets look at once whether they may stay."""
    publisher().send_signal(RECHECK, user_id)


def _best_effort(tell: Callable[P, None]) -> Callable[P, None]:
    """Have nothing told, and a line in the log, while the database is away."""

    @wraps(tell)
    def told(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            tell(*args, **kwargs)
        except DatabaseError as error:
            log.warning("no news is told, the database is away: %s", type(error).__name__)

    return told


def _holders(rendition_id: uuid.UUID) -> DownloadQuerySet:
    found = Download.objects.filter(rendition_id=rendition_id)
    return found.with_status(in_line=True)


@_best_effort
def _tell_states(downloads: DownloadQuerySet, updated: bool = False) -> None:
    make = updated_event if updated else state_event
    publisher().send(
        OutboundEvent.of(download.user_id, make(DownloadPayload.of(download)), download.pk)
        for download in list(downloads)
    )


_PROGRESS: Final = ("progress", "phase", "bytes_done", "bytes_total", "speed", "eta")


@_best_effort
def _tell_progress(rendition_id: uuid.UUID) -> None:
    running = Download.objects.filter(rendition_id=rendition_id).with_status()
    rows = running.filter(status="running").values(
        "pk", "user_id", "seq", *(f"rendition__{name}" for name in _PROGRESS)
    )
    publisher().send([_progress_news(row) for row in rows])


def _progress_news(row: dict[str, Any]) -> OutboundEvent:
    facts = {name: row[f"rendition__{name}"] for name in _PROGRESS}
    moving = {name: facts[name] for name in _PROGRESS if name != "progress"}
    facts["progress"] = shown_progress(facts["progress"])
    facts["phase"] = facts["phase"] or None
    labels = ProgressLabels.running(**moving)
    data = ProgressData(download_id=row["pk"], labels=labels, **facts)
    event = Event(event="download:progress", data=data, seq=row["seq"])
    return OutboundEvent.of(row["user_id"], event, row["pk"])


@_best_effort
def _tell_content(content_id: uuid.UUID) -> None:
    told = _content_events(Content.objects.get(pk=content_id))
    publisher().send([OutboundEvent.of(user_id, event) for user_id, event in told])


def _owe_content(content_id: uuid.UUID) -> None:
    asked = ContentRequest.objects.filter(content=content_id).values("user_id")
    claimed = Download.objects.filter(content=content_id).values("user_id")
    webhooks = outbox.hearing(Q(user_id__in=asked) | Q(user_id__in=claimed))
    if not webhooks:
        return
    content = Content.objects.get(pk=content_id)
    when = str(content.probed_at)
    outbox.enqueue_deliveries(
        webhooks,
        (
            (user_id, outbox.message_id_of(event, content_id, when), event)
            for user_id, event in _content_events(content)
        ),
    )


def _content_events(content: Content) -> list[tuple[int, Event]]:
    """One for each user who asked for it, titled as he titles it; none before its probe's end."""
    ready = content.probe_status == Content.ProbeStatus.READY
    if not ready and content.probe_status != Content.ProbeStatus.FAILED:
        return []
    told = ContentPayload.of(content)
    titles = dict(content.requests.values_list("user_id", "title"))
    for user_id in content.downloads.values_list("user_id", flat=True):
        titles.setdefault(user_id, "")
    return [(user_id, _content_event(told, title, ready)) for user_id, title in titles.items()]


def _content_event(content: ContentPayload, title: str, ready: bool) -> Event:
    own = content.model_copy(update={"title": title or content.title})
    return Event(
        event="content:resolved" if ready else "content:failed",
        data=ContentData(content_id=content.id, content=own),
    )
