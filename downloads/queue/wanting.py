"""Who wants a rendition decides whether it is worked on.

Everything here runs under the lock of the content's row, so that "nobody wants it any more"
and "I want it" can never miss each other.
"""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models.functions import Now

from downloads import conf
from downloads.models import Content, Download, Rendition
from downloads.queue.transitions import NO_LEASE, Status, Story, hand_over, move


def lock(content_id: uuid.UUID) -> None:
    """Serialise all claims on one content until the transaction ends.

    SQLite has one writer anyway (transactions begin IMMEDIATE).
    """
    Content.objects.select_for_update().only("pk").get(pk=content_id)


def rendition_for(
    content: Content, quality: str, options: str = "", owner_id: int | None = None
) -> Rendition:
    """The rendition that a new claim on this content, so wished, gets; queued if need be.

    ``options``: the key of an Options. ``owner_id``: the user with whose cookies it is fetched,
    whose alone it is; None: anybody's. The two never meet in one rendition.

    In this order: a stored one that the source confirmed not long ago, one that is under way,
    one at rest, a new one. A stored one that was not confirmed for long is passed over: the new
    one resolves, and where the source has not changed it hands its holders over.
    """
    wish = {"quality": quality, "options": options, "credential_owner_id": owner_id}
    known = Rendition.objects.filter(content=content, **wish)
    stored = known.fresh(conf.REVALIDATE_AFTER).order_by("-verified_at").first()
    if stored is not None:
        return stored
    active = known.active().first()
    if active is not None:
        return active
    # one with a storage name is being emptied, and must not be filled again meanwhile
    resting = known.filter(status__in=[Status.IDLE, Status.FAILED], storage_name="")
    rendition = resting.order_by("-queued_at").first()
    if rendition is None:
        return Rendition.objects.create(
            content=content, host=urlsplit(content.source_url).hostname or "", **wish
        )
    requeue(rendition)
    return rendition


def requeue(rendition: Rendition) -> bool:
    """Somebody wants again what was at rest or had failed."""
    return move(
        rendition.pk,
        rendition.status,
        Status.QUEUED,
        Story("queued"),
        queued_at=Now(),
        next_attempt_at=Now(),
        attempts=0,
        reclaims=0,
        error="",
        error_code="",
        error_detail="",
    )


@transaction.atomic
def rest_if_unwanted(
    rendition_id: uuid.UUID, *, lease: uuid.UUID | None = None, worker: str = ""
) -> bool:
    """Move to idle what nobody wants any more. True if it rests now.

    Without a lease only what waits is moved: what runs is its worker's to put down.
    """
    rendition = Rendition.objects.get(pk=rendition_id)
    lock(rendition.content_id)
    downloads = Download.objects.filter(rendition=rendition)
    if downloads.wanting().exists():
        return False
    if (lease is None) != (rendition.status == Status.QUEUED):
        return False
    fields: dict[str, Any] = dict(NO_LEASE)
    if not downloads.holding().filter(failed_at__isnull=True).exists():
        fields |= FORGET
    story = Story("rested", worker=worker)
    return move(rendition_id, rendition.status, Status.IDLE, story, lease=lease, **fields)


FORGET: dict[str, Any] = {
    "checkpoint": None,
    "resolution": None,
    "progress": 0.0,
    "bytes_done": 0,
    "bytes_total": None,
}


@transaction.atomic
def merge(rendition: Rendition, into: Rendition) -> None:
    """Two wishes came to the same bytes: all holders go over, and this rendition ends."""
    for download in Download.objects.filter(rendition=rendition):
        hand_over(download, into, rendition)
    rendition.delete()
