"""Demand: a rendition is worked on while some download wants it.

Everything here runs under the lock of the content's row, so that the last holder's leaving and a
new holder's request can never miss each other.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import (
    Case,
    CharField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    UUIDField,
    When,
)
from django.db.models.functions import Now

from config.prepared import Prepared
from downloads import conf
from downloads.engine.core import humanize
from downloads.engine.transfer.checkpoint import Checkpoint
from downloads.events.announce import announce_paused_figures
from downloads.models import Content, Download, Rendition
from downloads.querysets import ACTIVE_RENDITION, HOLDS
from downloads.queue.timeline import TransitionNote
from downloads.queue.transitions import NO_LEASE, Status, hand_over, lock_renditions, move, move_all


def lock(*content_ids: uuid.UUID) -> None:
    """Serialise all claims on these contents until the transaction ends.

    SQLite has one writer anyway (transactions begin IMMEDIATE).
    """
    # In one order, so that two that lock the same rows never wait for each other.
    rows = Content.objects.select_for_update().filter(pk__in=content_ids).order_by("pk")
    if len(rows.values_list("pk")) < len(set(content_ids)):
        raise Content.DoesNotExist


WORTH_TELLING: Final = 2**20  # bytes that a resume fetches again
_UNDER_WAY: Final = Q(status__in=ACTIVE_RENDITION)
# One with a storage name is being emptied, and must not be filled again meanwhile; unless it is
# held: then it was paused while it was stored, and goes on there.
_HELD: Final = Exists(
    Download.objects.filter(HOLDS, failed_at__isnull=True, rendition=OuterRef("pk")).order_by()
)
_AT_REST: Final = Q(status__in=[Status.IDLE, Status.FAILED], storage_name="") | Q(
    _HELD, status=Status.IDLE
)
_BEST_FIRST: Final = (
    Case(When(status=Status.STORED, then=0), When(_UNDER_WAY, then=1), default=2),
    Case(When(status=Status.STORED, then=F("verified_at")), default=F("queued_at")).desc(),
)


def renditions_for(
    owners: Mapping[Content, int | None], quality: str, options: str = "", room: int | None = None
) -> dict[uuid.UUID, Rendition]:
    """Return the renditions that new claims on these contents get, by content; queued if need be.

    ``owners``: by content, the user whose cookies it is fetched with, and whose alone the rendition
    is; None: shared. ``options``: the key of an Options. ``room``: bytes left of the quota, None
    for no limit; contents that find none left get no rendition.

    In this order: a stored one that the source confirmed recently, one under way, one at rest, a
    new one. A stored one that was not confirmed for long is passed over: the new one resolves, and
    if the source has not changed it hands its holders over.
    """
    owner_ids = {content.pk: owner_id for content, owner_id in owners.items()}
    renditions: dict[uuid.UUID, Rendition] = {}
    candidates: Iterable[Rendition] = (  # mostly of one
        _candidates_of_one(*owner_ids, quality, options)
        if len(owner_ids) == 1
        else _best_first(Q(content__in=list(owner_ids)), quality, options)
    )
    for rendition in candidates:
        if rendition.credential_owner_id == owner_ids[rendition.content_id]:
            renditions.setdefault(rendition.content_id, rendition)
    contents = list(owners) if room is None else _fitting(owners, renditions, room)
    new = [
        Rendition(
            # With a letter among the eight digits in the file's name, as is_from_template wants it.
            id=next(drawn for drawn in iter(uuid.uuid4, None) if not drawn.hex[:8].isdigit()),
            content=content,
            quality=quality,
            options=options,
            credential_owner_id=owners[content],
            host=urlsplit(content.source_url).hostname or "",
            # Contents requested together keep their order in the queue.
            queued_at=Now() + timedelta(microseconds=place),
        )
        for place, content in enumerate(each for each in contents if each.pk not in renditions)
    ]
    Rendition.objects.bulk_create(new, batch_size=100)
    renditions |= {rendition.content_id: rendition for rendition in new}
    for rendition in renditions.values():
        if rendition.status in (Status.IDLE, Status.FAILED):
            requeue(rendition)
    return {content.pk: renditions[content.pk] for content in contents}


def _best_first(of: Q, quality: Any, options: Any) -> QuerySet[Rendition]:
    """Return the renditions that a new claim could get, the best first."""
    fresh = Q(status=Status.STORED, verified_at__gte=Now() - conf.REVALIDATE_AFTER)
    usable = Rendition.objects.filter(of, fresh | _UNDER_WAY | _AT_REST)
    found = usable.filter(quality=quality, options=options).order_by(*_BEST_FIRST)
    # Locked: else one could end before the new claim commits, and its holder would miss the end.
    return found.select_for_update(of=("self",), no_key=True)


_candidates_of_one: Final[Prepared[Rendition]] = Prepared(
    lambda content, quality, options: _best_first(Q(content=content), quality, options),
    UUIDField(),
    CharField(),
    CharField(),
)


def _fitting(
    contents: Iterable[Content], renditions: Mapping[uuid.UUID, Rendition], room: int
) -> list[Content]:
    """Return the contents that fit into ``room`` bytes, in their order. Renditions still to be
    fetched are charged once their size is known."""
    fitting = []
    for content in contents:
        if room <= 0:
            break
        fitting.append(content)
        rendition = renditions.get(content.pk)
        if rendition is not None and rendition.status not in (Status.IDLE, Status.FAILED):
            room -= rendition.size or rendition.bytes_total or 0
    return fitting


def requeue(rendition: Rendition) -> None:
    """Queue a rendition that was at rest or had failed."""
    move(
        rendition.pk,
        rendition.status,
        Status.QUEUED,
        TransitionNote("queued"),
        queued_at=Now(),
        next_attempt_at=Now(),
        waits_since=Now(),
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
    """Move a rendition without demand to idle. Return True if it rests now.

    Without a lease only a queued one is moved: a running one is its worker's to release.
    """
    rendition = Rendition.objects.filter(pk=rendition_id).first()
    if rendition is None:
        return False  # the lease lapsed, and who took it over has merged it into another
    lock(rendition.content_id)
    downloads = Download.objects.filter(rendition=rendition)
    if downloads.wanting().exists():
        return False
    if (lease is None) != (rendition.status == Status.QUEUED):
        return False
    fields: dict[str, Any] = dict(NO_LEASE)
    kept = None
    if not downloads.holding().filter(failed_at__isnull=True).exists():
        fields |= FORGET
    elif (kept := _kept(rendition)) is not None:
        # The bar of a paused download shows what a resume begins with, not what has come.
        share = kept / rendition.bytes_done
        fields |= {"bytes_done": kept, "progress": rendition.progress * share}
    note = TransitionNote("rested", _loss(rendition, kept), worker=worker)
    if not move(rendition_id, rendition.status, Status.IDLE, note, lease=lease, **fields):
        return False
    if kept is not None:
        announce_paused_figures(rendition_id)
    return True


@transaction.atomic
def idle_all_unwanted(rendition_ids: Iterable[uuid.UUID]) -> None:
    """Do the same for many queued ones, in a few queries. The caller has locked their contents."""
    queued = Rendition.objects.filter(pk__in=list(rendition_ids), status=Status.QUEUED)
    unwanted = queued.exclude(pk__in=queued.wanted().values("pk"))
    note = TransitionNote("rested")
    held = set(unwanted.exclude(pk__in=queued.unheld().values("pk")).values_list("pk", flat=True))
    unheld = set(unwanted.values_list("pk", flat=True)) - held
    move_all(unheld, Status.QUEUED, Status.IDLE, note, **NO_LEASE | FORGET)
    fresh = set(unwanted.filter(pk__in=held, bytes_done=0).values_list("pk", flat=True))
    move_all(fresh, Status.QUEUED, Status.IDLE, note, **NO_LEASE)
    for pk in held - fresh:
        idle_if_unwanted(pk)  # which says what is kept


def _kept(rendition: Rendition) -> int | None:
    """Return the bytes that a pause keeps, if these are clearly less than what has come: of an
    unfinished part of an upload a bucket keeps nothing. Else None."""
    if rendition.checkpoint is None:
        durable = 0
    elif (checkpoint := Checkpoint.from_dict(rendition.checkpoint)) is not None:
        durable = checkpoint.done
    else:
        return None  # of several streams: their fragments and parts are on the disk
    return durable if rendition.bytes_done - durable >= WORTH_TELLING else None


def _loss(rendition: Rendition, kept: int | None) -> str:
    if kept is None:
        return ""
    amount = humanize.amount_in_words(kept, rendition.bytes_done)
    return f"{amount} are kept; the rest is fetched again."


FORGET: dict[str, Any] = {
    "checkpoint": None,
    "resolution": "",
    "progress": 0.0,
    "bytes_done": 0,
    "bytes_total": None,
}


@transaction.atomic
def merge(rendition: Rendition, into: Rendition) -> None:
    """Hand all holders over to the other rendition, which has the same bytes, and delete this
    one."""
    into.status = lock_renditions([rendition.pk, into.pk])[into.pk]
    for download in Download.objects.filter(rendition=rendition):
        hand_over(download, into, rendition)
    rendition.delete()
