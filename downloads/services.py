"""Every write that a user makes. Views validate, call one of these, and answer.

Raises ``InvalidState`` where an action is not allowed from the download's status, and the
model's ``DoesNotExist`` for what is another user's, as for what is nobody's.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from downloads import conf
from downloads.admission import storage_used
from downloads.events.announce import announce_deleted, announce_download
from downloads.exceptions import QuotaExceeded, StorageUnavailable
from downloads.models import Content, ContentRequest, Download, RealtimeTicket
from downloads.queue import wake
from downloads.queue.transitions import mark, note
from downloads.queue.wanting import lock, rendition_for, rest_if_unwanted
from downloads.release import release_unheld
from downloads.resolver.urls import normalise
from downloads.streams import Quality

if TYPE_CHECKING:
    from accounts.models import User

log = logging.getLogger(__name__)

# action -> (the statuses it is allowed from, the statuses in which it has nothing left to do)
ALLOWED: Final[dict[str, tuple[frozenset[str], frozenset[str]]]] = {
    "cancel": (frozenset({"queued", "running", "paused"}), frozenset({"cancelled"})),
    "pause": (frozenset({"queued", "running"}), frozenset({"paused"})),
    "resume": (frozenset({"paused"}), frozenset({"queued", "running"})),
    "retry": (frozenset({"failed", "cancelled", "expired"}), frozenset({"queued", "running"})),
}


class InvalidState(Exception):
    """The action is not allowed from this status. The text is a sentence for a person."""


@dataclass(frozen=True, slots=True)
class Requested:
    """``created`` is False where the user already had a live download of the same."""

    download: Download
    created: bool


# --- content -----------------------------------------------------------------------------


def add_content(user: User, url: str, *, title: str = "") -> tuple[Content, bool]:
    """The content at this URL, visible to the user from now on; and whether it is new to him.

    Raises UnsupportedURL for what is not a URL that could be fetched.
    """
    content = _content_at(url)
    asked, created = ContentRequest.objects.get_or_create(
        content=content, user=user, defaults={"title": title}
    )
    if title and not created and asked.title != title:
        ContentRequest.objects.filter(pk=asked.pk).update(title=title)
    transaction.on_commit(wake.send_probe)
    return content, created


def _content_at(url: str) -> Content:
    normalised = normalise(url)
    key = hashlib.sha256(normalised.encode()).hexdigest()
    content, _ = Content.objects.get_or_create(url_key=key, defaults={"source_url": normalised})
    return content


def content_visible_to(user: User, pk: uuid.UUID) -> Content:
    """Raises Content.DoesNotExist for what this user may not see."""
    return Content.objects.visible_to(user).with_title_for(user).get(pk=pk)


# --- the catalogue: for staff, the views say so ---------------------------------------------


def add_to_catalogue(user: User, url: str, **edited: str) -> Content:
    """Shown to everyone from now on; ``edited`` as below. Raises UnsupportedURL."""
    with transaction.atomic():
        content, _ = add_content(user, url)
        edit_content(content, in_catalogue=True, **edited)
    return content


def edit_content(content: Content, **edited: str | bool) -> None:
    """``title``, ``thumbnail_url``, ``in_catalogue``: these alone, a worker writes the others."""
    Content.objects.filter(pk=content.pk).update(**edited)


def probe_again(content: Content) -> None:
    """Ask the source anew what it offers; what is known of it stays until it answers."""
    Content.objects.filter(pk=content.pk).update(
        probe_status=Content.ProbeStatus.PENDING,
        probe_error="",
        probe_error_code="",
        probe_attempts=0,
        probe_lease_expires_at=None,
    )
    transaction.on_commit(wake.send_probe)


# --- downloads ---------------------------------------------------------------------------


def request(
    user: User,
    *,
    content: Content | None = None,
    url: str = "",
    quality: Quality = Quality.AUTO,
    expires_in_days: int | None = None,
    title: str = "",
) -> Requested:
    """A download of this content (or of what is at ``url``) for this user.

    Answers with the standing one where he already has a live download of the same content and
    quality. Raises UnsupportedURL and QuotaExceeded.
    """
    if content is None:
        content, _ = add_content(user, url)
    try:
        with transaction.atomic():
            return _request(user, content, quality, expires_in_days, title)
    except IntegrityError:
        # another request of this user for the same committed first: join it
        with transaction.atomic():
            return _request(user, content, quality, expires_in_days, title)


def _request(
    user: User, content: Content, quality: Quality, expires_in_days: int | None, title: str
) -> Requested:
    lock(content.pk)
    _expire_due(user, content)
    own = Download.objects.of(user).filter(content=content, quality=quality)
    standing = own.with_status().with_queue_position().live().first()
    if standing is not None:
        return Requested(standing, created=False)
    check_quota(user)
    own_title = ContentRequest.objects.filter(content=content, user=user).values_list("title")
    download = Download.objects.create(
        user=user,
        content=content,
        quality=quality,
        rendition=rendition_for(content, quality),
        title=title or next(iter(own_title), ("",))[0],
        expires_at=_expiry(expires_in_days),
    )
    note(download, "requested")
    announce_download(download.pk, "requested")
    transaction.on_commit(wake.send)
    return Requested(Download.objects.get_own(user, download.pk), created=True)


def _expiry(days: int | None) -> datetime | None:
    if days is None:
        days = settings.DEFAULT_EXPIRES_IN_DAYS
    return None if days is None else timezone.now() + timedelta(days=days)


def _expire_due(user: User, content: Content) -> None:
    """What has just expired must not stand in the way of asking again."""
    due = Download.objects.of(user).filter(content=content, expired_at=None, expires_at__lte=Now())
    for download in due.with_status():
        mark(download, "expired", expired_at=Now())


def check_quota(user: User) -> None:
    """Raises QuotaExceeded where nothing more fits. What is fetched is checked again by size."""
    if user.quota is not None and storage_used(Download.objects.of(user)) >= user.quota:
        raise QuotaExceeded


def cancel(user: User, pk: uuid.UUID) -> Download:
    return _act(user, pk, "cancel")


def pause(user: User, pk: uuid.UUID) -> Download:
    return _act(user, pk, "pause")


def resume(user: User, pk: uuid.UUID) -> Download:
    return _act(user, pk, "resume")


def retry(user: User, pk: uuid.UUID) -> Download:
    return _act(user, pk, "retry")


def act(user: User, pk: uuid.UUID, action: str) -> Download | None:
    """One of cancel, pause, resume, retry, delete; None once deleted."""
    if action == "delete":
        delete(user, pk)
        return None
    return _act(user, pk, action)


def _act(user: User, pk: uuid.UUID, action: str) -> Download:
    allowed, reached = ALLOWED[action]
    with transaction.atomic():
        download = _own_and_locked(user, pk)
        status: str = download.status  # type: ignore[attr-defined]
        if status in allowed:
            _ACTIONS[action](download)
        elif status not in reached:
            raise InvalidState(_refusal(action, status, allowed))
    return Download.objects.get_own(user, pk)


def _own_and_locked(user: User, pk: uuid.UUID) -> Download:
    """Read again under the lock: actions on one content happen one after the other."""
    lock(Download.objects.of(user).values_list("content_id", flat=True).get(pk=pk))
    return Download.objects.get_own(user, pk)


def _refusal(action: str, status: str, allowed: frozenset[str]) -> str:
    return (
        f"A download that is {status} cannot be asked to {action}: "
        f"that works while it is {' or '.join(sorted(allowed))}."
    )


def _cancel(download: Download) -> None:
    mark(download, "cancelled", cancelled_at=Now())
    _let_go(download)


def _pause(download: Download) -> None:
    mark(download, "paused", paused_at=Now())
    _let_go(download)


def _resume(download: Download) -> None:
    _want_again(download, "resumed")


def _retry(download: Download) -> None:
    check_quota(download.user)
    live = Download.objects.of(download.user).filter(
        content=download.content_id, quality=download.quality
    )
    if live.with_status().live().exclude(pk=download.pk).exists():
        raise InvalidState("You already have this download. Use the newer one, or delete it first.")
    _want_again(download, "retried")


def _want_again(download: Download, event: str) -> None:
    """Clear the marks and hold whatever rendition a new claim would get."""
    rendition = rendition_for(download.content, download.quality)
    expired = download.status == "expired"  # type: ignore[attr-defined]
    seq_base = download.seq_base
    if rendition.pk != download.rendition_id:
        seq_base += download.rendition.seq
    mark(
        download,
        event,
        rendition=rendition,
        cancelled_at=None,
        paused_at=None,
        expired_at=None,
        failed_at=None,
        error="",
        error_code="",
        expires_at=_expiry(None) if expired else download.expires_at,
        seq_base=seq_base + 1,
    )
    transaction.on_commit(wake.send)


def _let_go(download: Download) -> None:
    """One wanter less: what waits for nobody rests, what nobody holds is freed.

    What runs is put down by its worker, which looks several times a second.
    """
    rest_if_unwanted(download.rendition_id)
    transaction.on_commit(lambda: _free(download.rendition_id))


def _free(rendition_id: uuid.UUID) -> None:
    """What the user asked for is done already: a storage that refuses now is swept later."""
    try:
        release_unheld(rendition_id)
    except StorageUnavailable as error:
        log.warning("not freed yet rendition=%s: %s", rendition_id, error.detail)


_ACTIONS: Final = {"cancel": _cancel, "pause": _pause, "resume": _resume, "retry": _retry}


def delete(user: User, pk: uuid.UUID) -> None:
    """End it where it runs, and free the bytes where nobody else holds them."""
    with transaction.atomic():
        download = _own_and_locked(user, pk)
        download.delete()
        announce_deleted(user.pk, pk, download.seq)  # type: ignore[attr-defined]
        _let_go(download)


def keep_until(user: User, pk: uuid.UUID, expires_at: datetime | None) -> Download:
    """Change when it expires; None: never. Raises InvalidState for what already has."""
    with transaction.atomic():
        download = _own_and_locked(user, pk)
        if download.status in ("expired", "cancelled"):  # type: ignore[attr-defined]
            raise InvalidState("It is gone already. Retry it to fetch it again.")
        mark(download, "kept", expires_at=expires_at)
    return Download.objects.get_own(user, pk)


def set_priority(user: User, pk: uuid.UUID, priority: int) -> Download:
    """Higher runs first. For staff; the view says so."""
    with transaction.atomic():
        mark(_own_and_locked(user, pk), "prioritised", priority=priority)
    return Download.objects.get_own(user, pk)


# --- realtime ----------------------------------------------------------------------------


def realtime_ticket(user: User) -> str:
    """A secret that opens one WebSocket, once, within 30 seconds."""
    ticket = secrets.token_urlsafe(32)
    RealtimeTicket.objects.create(
        digest=hashlib.sha256(ticket.encode()).hexdigest(),
        user=user,
        expires_at=Now() + conf.TICKET_TTL,
    )
    return ticket


def redeem_ticket(ticket: str) -> User | None:
    """Whose ticket it is; None for a wrong, used or old one. It is used up by this."""
    digest = hashlib.sha256(ticket.encode()).hexdigest()
    found = RealtimeTicket.objects.filter(digest=digest, expires_at__gt=Now())
    row = found.select_related("user").first()
    # two sockets race with one ticket: only who deletes the row gets in
    if row is None or found.delete()[0] != 1:
        return None
    return row.user
