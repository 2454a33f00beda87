"""The snapshot that a socket begins with, and that repairs it after a loss."""

from __future__ import annotations

from downloads.models import Download
from downloads.schemas import DownloadPayload, Event, SnapshotData


def snapshot_of(user_id: int) -> Event:
    """Return all active downloads of this user, oldest first."""
    active = Download.objects.filter(user_id=user_id).with_status(in_line=True)
    rows = active.in_tab("active").order_by("created_at", "id")
    downloads = [DownloadPayload.of(download) for download in rows]
    return Event(event="download:snapshot", data=SnapshotData(downloads=downloads))
