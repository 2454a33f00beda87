"""The current state of groups, read from the ledger, for the API and the pages."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Coalesce

from downloads.models import Download, DownloadGroup
from downloads.schemas.group_progress import GroupProgress, Member, progress_of

if TYPE_CHECKING:
    from accounts.models import User


def groups_of(user: User) -> QuerySet[DownloadGroup]:
    """Return this user's groups, except those whose last download was deleted."""
    inside = Download.objects.filter(group=OuterRef("pk")).order_by()
    return DownloadGroup.objects.filter(Exists(inside), user=user)


def progress_of_groups(pks: Iterable[uuid.UUID]) -> dict[uuid.UUID, GroupProgress]:
    """Return the progress of each group, in one query for all of them."""
    members: dict[uuid.UUID, list[Member]] = defaultdict(list)
    rows = Download.objects.filter(group__in=list(pks)).order_by().with_status()
    size = Coalesce("rendition__size", "rendition__bytes_total")
    for row in rows.annotate(bytes_wanted=size).values(
        "pk",
        "group_id",
        "status",
        "rendition__progress",
        "rendition__bytes_done",
        "bytes_wanted",
        "rendition__speed",
    ):
        running = row["status"] == "running"
        finished = row["status"] == "completed"
        members[row["group_id"]].append(
            Member(
                id=str(row["pk"]),
                status=row["status"],
                progress=row["rendition__progress"],
                done=(row["bytes_wanted"] or 0) if finished else row["rendition__bytes_done"],
                total=row["bytes_wanted"],
                speed=row["rendition__speed"] if running else 0.0,
            )
        )
    return {pk: progress_of(found) for pk, found in members.items()}
