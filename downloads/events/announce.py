"""Announcements of events, called within the transaction in which they happen.

Webhook deliveries are written there and then. Events for open pages are best effort, and never
raise, nor cancel another hook (``robust``): each reads the ledger after the commit, and reports to
each holder that holder's own status: a pause is its owner's alone, and a failure once stamped stays
until its owner retries.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from django.db import DatabaseError, transaction
from django.db.models import Q

from downloads.events.audience import heard_by
from downloads.events.outbound_event import RECHECK, OutboundEvent
from downloads.events.publisher import publisher
from downloads.line import in_line
from downloads.models import Content, Download, Rendition
from downloads.querysets import read_all
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

# A rendition's new status -> the status of the holders that it concerns. A failure is stamped on
# each holder (``announce_downloads``); a rendition rests because of its holders.
HOLDER_STATUS: Final[dict[str, str]] = {
    Rendition.Status.QUEUED: "queued",
    Rendition.Status.RUNNING: "running",
    Rendition.Status.STORED: "completed",
}
# Marks that leave the status as it was.
UPDATES: Final = frozenset({"kept", "prioritised", "resolved"})
# Webhooks get changes alone: joining another rendition under way is none.
WEBHOOK_STATUSES: Final = {"joined": frozenset({"queued", "completed"})}


def announce_rendition(rendition_id: uuid.UUID, status: str) -> None:
    """Announce a rendition's move to ``status``."""
    if status == Rendition.Status.FINALIZING:
        announce_progress(rendition_id)
    elif status in HOLDER_STATUS:
        concerned = outbox.holders_of(rendition_id)
        if concerned.webhooks:
            held = Download.objects.filter(rendition_id=rendition_id)
            outbox.enqueue_states(concerned.webhooks, held, {HOLDER_STATUS[status]})
        _announce_holders(concerned.users, rendition_id, HOLDER_STATUS[status])


def announce_resolved(rendition_id: uuid.UUID) -> None:
    """Announce the details of a running rendition that resolving found: title, size, type."""
    users = outbox.holders_of(rendition_id).users
    _announce_holders(users, rendition_id, "running", updated=True)


def announce_paused_figures(rendition_id: uuid.UUID) -> None:
    """Announce to those who paused it that less of it is kept than had come."""
    users = outbox.holders_of(rendition_id).users
    _announce_holders(users, rendition_id, "paused", updated=True)


def _announce_holders(
    users: Collection[int], rendition_id: uuid.UUID, status: str, *, updated: bool = False
) -> None:
    def read() -> Iterable[Download]:
        rows = Download.objects.filter(rendition_id=rendition_id).with_status()
        return rows.filter(status=status)

    transaction.on_commit(lambda: _send_states(users, read, updated), robust=True)


def announce_requested(user_id: int, downloads: Sequence[Download]) -> None:
    """Announce new downloads of one user. ``downloads`` come ``with_status()``; if a page hears of
    them, they get their place in line, too."""
    if webhooks := outbox.enabled_of(user_id):
        outbox.enqueue_current({user_id: webhooks}, in_line(downloads))
    transaction.on_commit(lambda: _send_requested(user_id, downloads), robust=True)


def announce_downloads(download_ids: Iterable[uuid.UUID], event: str) -> None:
    """Announce marks of downloads' own; ``event`` as their timeline says it.

    ``download_ids`` is read at once, not after the commit.
    """
    rows = Download.objects.filter(pk__in=list(download_ids))
    users = list(rows.order_by().values_list("user_id", flat=True).distinct())
    if event not in UPDATES:
        webhooks = outbox.webhooks_of(Q(user_id__in=users))
        outbox.enqueue_states(webhooks, rows, WEBHOOK_STATUSES.get(event))
    is_update = event in UPDATES
    transaction.on_commit(lambda: _send_states(users, rows.with_status, is_update), robust=True)


def announce_deleted(user_id: int, seqs: Mapping[uuid.UUID, int]) -> None:
    """Announce deletions. ``seqs``: the last of each download."""
    events = {
        pk: Event(event="download:deleted", data=DeletedData(download_id=pk), seq=seq + 1)
        for pk, seq in seqs.items()
    }
    outbox.enqueue_deleted(user_id, events)
    news = [OutboundEvent.of(user_id, event, pk) for pk, event in events.items()]
    transaction.on_commit(lambda: publisher().send(news), robust=True)


def announce_progress(rendition_id: uuid.UUID) -> None:
    """Announce progress with one small query, and another if someone has a page open; nothing
    while Redis is unavailable.

    Called by the throttle of ``jobs.progress_report``, and once for ``finalizing``.
    """
    if not publisher().is_away:
        transaction.on_commit(lambda: _send_progress(rendition_id), robust=True)


def announce_content(content_id: uuid.UUID, *, changed: bool = True) -> None:
    """Announce the end of a probe to all who requested the content. ``changed`` is False if it was
    ready before: pages show the new details, webhooks get no second message."""
    concerned = outbox.followers_of(content_id)
    if changed and concerned.webhooks:
        _enqueue_content(content_id, concerned.webhooks)
    transaction.on_commit(lambda: _send_content(content_id, concerned.users), robust=True)


def announce_access(user_id: int) -> None:
    """Have the user's open sockets check at once if they may stay."""
    transaction.on_commit(lambda: publisher().send_signal(RECHECK, user_id), robust=True)


@contextmanager
def _best_effort() -> Iterator[None]:
    """Only write a line to the log while the database is unavailable."""
    try:
        yield
    except DatabaseError as error:
        log.warning("database unavailable, event lost error=%s", type(error).__name__)


def _send_states(
    users: Collection[int], read: Callable[[], Iterable[Download]], updated: bool = False
) -> None:
    """Send what ``read`` returns, downloads of these users, if one of them hears it."""
    with _best_effort():
        if heard_by(users):
            publisher().send(_state_events(in_line(read()), updated))


def _send_requested(user_id: int, downloads: Sequence[Download]) -> None:
    with _best_effort():
        if heard_by([user_id]):
            now = in_line(read_all([each.pk for each in downloads]))
            publisher().send(_state_events(now))
            places = {each.pk: each.queue_position for each in now}
            for each in downloads:
                each.queue_position = places.get(each.pk)  # type: ignore[attr-defined]


def _state_events(now: Iterable[Download], updated: bool = False) -> Iterator[OutboundEvent]:
    make = updated_event if updated else state_event
    for each in now:
        event = make(DownloadPayload.of(each))
        yield OutboundEvent.of(each.user_id, event, each.pk, each.seq_base)


_PROGRESS: Final = ("progress", "phase", "bytes_done", "bytes_total", "speed", "eta")


def _send_progress(rendition_id: uuid.UUID) -> None:
    with _best_effort():
        if heard_by(outbox.holders_of(rendition_id).users):
            running = Download.objects.filter(rendition_id=rendition_id).with_status()
            rows = running.filter(status="running").values(
                "pk", "user_id", "seq", "seq_base", *(f"rendition__{name}" for name in _PROGRESS)
            )
            publisher().send([_progress_event(row) for row in rows])


def _progress_event(row: dict[str, Any]) -> OutboundEvent:
    facts = {name: row[f"rendition__{name}"] for name in _PROGRESS}
    moving = {name: facts[name] for name in _PROGRESS if name != "progress"}
    facts["progress"] = shown_progress(facts["progress"])
    facts["phase"] = facts["phase"] or None
    labels = ProgressLabels.running(**moving)
    data = ProgressData(download_id=row["pk"], labels=labels, **facts)
    event = Event(event="download:progress", data=data, seq=row["seq"])
    return OutboundEvent.of(row["user_id"], event, row["pk"], row["seq_base"])


def _send_content(content_id: uuid.UUID, users: Collection[int]) -> None:
    with _best_effort():
        if heard_by(users):
            events = _content_events(Content.objects.get(pk=content_id))
            publisher().send([OutboundEvent.of(user_id, event) for user_id, event in events])


def _enqueue_content(content_id: uuid.UUID, webhooks: outbox.Webhooks) -> None:
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
    """Return one event for each user who requested it, with their own title; none before its
    probe's end."""
    ready = content.probe_status == Content.ProbeStatus.READY
    if not ready and content.probe_status != Content.ProbeStatus.FAILED:
        return []
    payload = ContentPayload.of(content)
    titles = dict(content.requests.values_list("user_id", "title"))
    for user_id in content.downloads.values_list("user_id", flat=True):
        titles.setdefault(user_id, "")
    return [(user_id, _content_event(payload, title, ready)) for user_id, title in titles.items()]


def _content_event(content: ContentPayload, title: str, ready: bool) -> Event:
    own = content.model_copy(update={"title": title or content.title})
    return Event(
        event="content:resolved" if ready else "content:failed",
        data=ContentData(content_id=content.id, content=own),
    )
