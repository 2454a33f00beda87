"""The payloads of playlists: their entries, and the groups of downloads chosen from them."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING

from downloads.engine.core import humanize
from downloads.engine.resolver.naming import provisional_title
from downloads.schemas import DownloadStatus, Payload
from downloads.schemas.paths import picture_url

if TYPE_CHECKING:
    from downloads.models import DownloadGroup, PlaylistEntry
    from downloads.schemas.group_progress import GroupProgress


class EntryPayload(Payload):
    """One entry. ``position`` counts from 1, ``duration`` in seconds. ``downloadId``: the user's
    live download of the same URL, in any quality; null if they have none."""

    id: uuid.UUID
    position: int
    url: str
    title: str
    duration: float | None
    thumbnail_url: str
    download_id: uuid.UUID | None

    @classmethod
    def of(cls, entry: PlaylistEntry, download_id: uuid.UUID | None) -> EntryPayload:
        return cls(
            id=entry.id,
            position=entry.position,
            url=entry.url,
            title=entry.title or provisional_title(entry.url),
            duration=entry.duration,
            thumbnail_url=picture_url(entry.thumbnail_url),
            download_id=download_id,
        )


class GroupLabels(Payload):
    """Texts of one group; empty if there is none. ``finished``: how many of the wanted."""

    finished: str
    amount: str
    speed: str
    eta: str

    @classmethod
    def of(cls, now: GroupProgress) -> GroupLabels:
        return cls(
            finished=f"{now.finished} of {now.wanted}",
            amount=_amount(now),
            speed=humanize.speed_in_words(now.speed) if now.speed else "",
            eta="" if now.eta is None else f"{humanize.wait_in_words(now.eta)} left",
        )


class GroupPayload(Payload):
    """One group. ``status`` is that of its most active download. ``progress`` in percent of the
    bytes of all but the cancelled; 100 only once all have arrived. ``bytesTotal`` is an estimate
    until every size is known. ``counts``: the number of downloads by status. ``labels``: the same
    for people."""

    id: uuid.UUID
    content_id: uuid.UUID | None
    title: str
    created_at: dt.datetime
    status: DownloadStatus
    progress: float
    bytes_done: int
    bytes_total: int | None
    bytes_total_is_estimate: bool
    speed: float
    eta: float | None
    total: int
    counts: dict[DownloadStatus, int]
    labels: GroupLabels

    @classmethod
    def of(cls, group: DownloadGroup, now: GroupProgress) -> GroupPayload:
        return cls(
            id=group.id,
            content_id=group.source_id,
            title=group.title,
            created_at=group.created_at,
            status=now.status,  # type: ignore[arg-type]
            progress=now.percent,
            bytes_done=now.done,
            bytes_total=now.total,
            bytes_total_is_estimate=now.is_estimate,
            speed=now.speed,
            eta=now.eta,
            total=now.count,
            counts=now.counts,  # type: ignore[arg-type]
            labels=GroupLabels.of(now),
        )


def _amount(now: GroupProgress) -> str:
    if now.total is None:
        return humanize.amount_in_words(now.done, None) if now.done else ""
    about = "about " if now.is_estimate else ""
    if now.percent == 100:
        return about + humanize.size_in_words(now.total)
    done, of, total = humanize.amount_in_words(now.done, now.total).partition(" of ")
    return f"{done}{of}{about}{total}"
