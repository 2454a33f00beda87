"""Who wants a rendition decides whether it is worked on.

Everything here runs under the lock of the content's row, so that "nobody wants it any more"
and "I want it" can never miss each other.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models.functions import Now

from downloads import conf
from downloads.models import Content, Download, Rendition
from downloads.queue.transitions import NO_LEASE, Status, TransitionNote, hand_over, move


def lock(*content_ids: uuid.UUID) -> None:
    """Serialise all claims on these contents until the transaction ends.

    SQLite has one writer anyway (transactions begin IMMEDIATE).
    """
    # in one order, so that two that lock the same rows never wait for each other
    rows = Content.objects.select_for_update().filter(pk__in=content_ids).order_by("pk")
    if len(rows.values_list("pk")) < len(set(content_ids)):
        raise Content.DoesNotExist


@dataclass(frozen=True, slots=True)
class RenditionKey:
    """What a rendition is keyed by before it is resolved, beside its content.

    ``options``: the key of an Options. ``owner_id``: the user with whose cookies it is fetched,
    whose alone it is; None: anybody's. The two never meet in one rendition.
    """

    quality: str
    options: str = ""
    owner_id: int | None = None

    @property
    def fields(self) -> dict[str, Any]:
        return {
            "quality": self.quality,
            "options": self.options,
            "credential_owner_id": self.owner_id,
        }


def renditions_for(contents: Sequence[Content], key: RenditionKey) -> dict[uuid.UUID, Rendition]:
    """The renditions that new claims on these contents get, by content; queued if need be.

    In this order: a stored one that the source confirmed not long ago, one that is under way,
    one at rest, a new one. A stored one that was not confirmed for long is passed over: the new
    one resolves, and where the source has not changed it hands its holders over.
    """
    found = usable_renditions(contents, key)
    resting = _resting([each for each in contents if each.pk not in found], key)
    for rendition in resting.values():
        requeue(rendition)
    found |= resting
    made = [
        Rendition(
            content=content,
            host=urlsplit(content.source_url).hostname or "",
            # what is asked for together keeps its order in the queue
            queued_at=Now() + timedelta(microseconds=place),
            **key.fields,
        )
        for place, content in enumerate(each for each in contents if each.pk not in found)
    ]
    Rendition.objects.bulk_create(made, batch_size=100)
    return found | {rendition.content_id: rendition for rendition in made}


def usable_renditions(contents: Sequence[Content], key: RenditionKey) -> dict[uuid.UUID, Rendition]:
    """Those that a new claim would share as they are: stored and fresh, or under way.

    Locked: else one could end before the new claim is committed, and its holder be told of no end.
    """
    known = Rendition.objects.filter(content__in=contents, **key.fields)
    known = known.select_for_update(of=("self",), no_key=True)
    stored = known.fresh(conf.REVALIDATE_AFTER).order_by("-verified_at")
    return _first_of_each(known.active()) | _first_of_each(stored)


def _resting(contents: Sequence[Content], key: RenditionKey) -> dict[uuid.UUID, Rendition]:
    known = Rendition.objects.filter(content__in=contents, **key.fields)
    # one with a storage name is being emptied, and must not be filled again meanwhile
    resting = known.filter(status__in=[Status.IDLE, Status.FAILED], storage_name="")
    return _first_of_each(resting.order_by("-queued_at")) if contents else {}


def _first_of_each(renditions: Iterable[Rendition]) -> dict[uuid.UUID, Rendition]:
    found: dict[uuid.UUID, Rendition] = {}
    for rendition in renditions:
        found.setdefault(rendition.content_id, rendition)
    return found


def rendition_for(
    content: Content, quality: str, options: str = "", owner_id: int | None = None
) -> Rendition:
    """The same for one."""
    return renditions_for([content], RenditionKey(quality, options, owner_id))[content.pk]


def requeue(rendition: Rendition) -> bool:
    """Somebody wants again what was at rest or had failed."""
    return move(
        rendition.pk,
        rendition.status,
        Status.QUEUED,
        TransitionNote("queued"),
        queued_at=Now(),
        next_attempt_at=Now(),
        attempts=0,
        reclaims=0,
        error="",
        error_code="",
        error_detail="",
    )


@transaction.atomic
def idle_if_unwanted(
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
    note = TransitionNote("rested", worker=worker)
    return move(rendition_id, rendition.status, Status.IDLE, note, lease=lease, **fields)


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
