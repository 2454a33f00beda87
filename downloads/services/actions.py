"""Actions of a user on their own downloads: cancel, pause, resume, retry, delete, keep."""

from __future__ import annotations

import logging
import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, cast

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from downloads.engine.core.errors import StorageUnavailable
from downloads.events.announce import announce_deleted
from downloads.jobs.release import release_unheld
from downloads.line import in_line
from downloads.models import Download
from downloads.queue import wake
from downloads.queue.demand import idle_if_unwanted, lock, renditions_for
from downloads.queue.transitions import lock_renditions, mark
from downloads.services.content import owner_of_fetch
from downloads.services.requests import check_quota

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
    """The action is not allowed in this status. The text is a sentence for a person."""


def cancel(user: User, pk: uuid.UUID) -> Download:
    return _act(user, pk, "cancel")


def pause(user: User, pk: uuid.UUID) -> Download:
    return _act(user, pk, "pause")


def resume(user: User, pk: uuid.UUID) -> Download:
    return _act(user, pk, "resume")


def retry(user: User, pk: uuid.UUID) -> Download:
    return _act(user, pk, "retry")


def act(user: User, pk: uuid.UUID, action: str) -> Download | None:
    """Do one of cancel, pause, resume, retry, delete. Return the download, None once deleted."""
    if action == "delete":
        delete(user, pk)
        return None
    return _act(user, pk, action)


def own_in_line(user: User, pk: uuid.UUID) -> Download:
    """Return the user's download with its place in line. Raises DoesNotExist."""
    (download,) = in_line([Download.objects.get_own(user, pk)])
    return cast("Download", download)


def _act(user: User, pk: uuid.UUID, action: str) -> Download:
    allowed, reached = ALLOWED[action]
    with transaction.atomic():
        download = _own_and_locked(user, pk)
        status: str = download.status  # type: ignore[attr-defined]
        if status in allowed:
            _ACTIONS[action](download)
        elif status not in reached:
            raise InvalidState(refusal(action, status))
    return own_in_line(user, pk)


def _own_and_locked(user: User, pk: uuid.UUID) -> Download:
    """Read the download again under the lock: actions on one content happen one after the other."""
    lock(Download.objects.of(user).values_list("content_id", flat=True).get(pk=pk))
    lock_renditions(Download.objects.filter(pk=pk).values_list("rendition_id", flat=True))
    return Download.objects.get_own(user, pk)


def refusal(action: str, status: str) -> str:
    """Return the sentence of an action that is not allowed in this status."""
    return (
        f"You cannot {action} a download that is {status}; "
        f"it must be {' or '.join(sorted(ALLOWED[action][0]))}."
    )


def _cancel(download: Download) -> None:
    mark(download, "cancelled", cancelled_at=Now())
    _release(download)


def _pause(download: Download) -> None:
    mark(download, "paused", paused_at=Now())
    _release(download)


def _resume(download: Download) -> None:
    # It continues with the cookies that it began with.
    _want_again(download, "resumed", download.rendition.credential_owner_id)


def _retry(download: Download) -> None:
    check_quota(download.user)
    live = Download.objects.of(download.user).filter(
        content=download.content_id, quality=download.quality, options=download.options
    )
    if live.with_status().live().exclude(pk=download.pk).exists():
        raise InvalidState("You already have this download. Use the newer one, or delete it first.")
    _want_again(download, "retried", owner_of_fetch(download.user, download.content))


def _want_again(download: Download, event: str, owner_id: int | None) -> None:
    """Clear the marks and hold the rendition that a new claim would get."""
    owners = {download.content: owner_id}
    found = renditions_for(owners, download.quality, download.options)
    rendition = found[download.content_id]
    expires_at = download.expires_at
    if download.status == "expired":  # type: ignore[attr-defined]
        days = settings.DEFAULT_EXPIRES_IN_DAYS
        expires_at = None if days is None else timezone.now() + timedelta(days=days)
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
        expires_at=expires_at,
        seq_base=seq_base + 1,
    )
    transaction.on_commit(wake.send)


def _release(download: Download) -> None:
    """Release the rendition: without demand it rests, without holders it is freed.

    A running one is released by its worker, which checks several times a second.
    """
    idle_if_unwanted(download.rendition_id)
    transaction.on_commit(lambda: _free(download.rendition_id))


def _free(rendition_id: uuid.UUID) -> None:
    """Free an unheld rendition. The user's action is done: if the storage is unavailable, it is
    swept later."""
    try:
        release_unheld(rendition_id)
    except StorageUnavailable as error:
        log.warning(
            "storage unavailable, file left rendition=%s detail=%r", rendition_id, error.detail
        )


_ACTIONS: Final = {"cancel": _cancel, "pause": _pause, "resume": _resume, "retry": _retry}


def delete(user: User, pk: uuid.UUID) -> None:
    """Delete the download: end it if it runs, and free the bytes if no other download holds
    them."""
    with transaction.atomic():
        download = _own_and_locked(user, pk)
        download.delete()
        announce_deleted(user.pk, {pk: download.seq})  # type: ignore[attr-defined]
        _release(download)


def keep_until(user: User, pk: uuid.UUID, expires_at: datetime | None) -> Download:
    """Change when it expires; None: never. Raises InvalidState for one that already has."""
    with transaction.atomic():
        download = _own_and_locked(user, pk)
        if download.status in ("expired", "cancelled"):  # type: ignore[attr-defined]
            raise InvalidState("The file has expired. Retry the download to fetch it again.")
        mark(download, "kept", expires_at=expires_at)
    return own_in_line(user, pk)


def set_priority(user: User, pk: uuid.UUID, priority: int) -> Download:
    """Set the priority; higher runs first. For staff; the view enforces that."""
    with transaction.atomic():
        mark(_own_and_locked(user, pk), "prioritised", priority=priority)
    return own_in_line(user, pk)
