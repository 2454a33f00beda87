"""The entries of a playlist that a user has already."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import TYPE_CHECKING

from downloads.models import Download, PlaylistEntry

if TYPE_CHECKING:
    from accounts.models import User


def live_downloads(user: User, entries: Iterable[PlaylistEntry]) -> dict[uuid.UUID, Download]:
    """Return, by entry, the user's newest live download of the same address, in any quality.

    Each comes ``with_status()``. Downloads of others are not included.
    """
    by_key = {entry.url_key: entry.id for entry in entries}
    own = Download.objects.of(user).filter(content__url_key__in=list(by_key)).with_status().live()
    newest_last = own.order_by("created_at", "id")
    return {by_key[download.content.url_key]: download for download in newest_last}
