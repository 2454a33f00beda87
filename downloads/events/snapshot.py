"""The snapshot that a socket begins with, and that repairs it after a loss."""

from __future__ import annotations

from dataclasses import dataclass

from downloads.line import in_line
from downloads.models import Download
from downloads.schemas import DownloadPayload, Event, SnapshotData


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All active downloads of a user. ``text``: the message as the browser gets it; ``versions``:
    of each download the id, ``seq`` and ``seq_base``."""

    text: str
    versions: tuple[tuple[str, int, int], ...]


def snapshot_of(user_id: int) -> Snapshot:
    """Read all active downloads of this user, oldest first."""
    active = Download.objects.filter(user_id=user_id).with_status().in_tab("active")
    rows = in_line(active.order_by("created_at", "id"))
    data = SnapshotData(downloads=[DownloadPayload.of(download) for download in rows])
    return Snapshot(
        text=Event(event="download:snapshot", data=data).text(),
        versions=tuple((str(download.pk), download.seq, download.seq_base) for download in rows),
    )
