"""Actions on all downloads of a group at once: each by its own rules."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final

from downloads.models import Download, DownloadGroup
from downloads.services.bulk import ActionOutcome, act_on_many, delete_many

if TYPE_CHECKING:
    from accounts.models import User

# action -> the statuses it applies to; a retry of the group leaves cancelled ones alone
MEANT_FOR: Final[dict[str, tuple[str, ...]]] = {
    "cancel": ("queued", "running", "paused"),
    "pause": ("queued", "running"),
    "resume": ("paused",),
    "retry": ("failed",),
}


def act_on_group(user: User, pk: uuid.UUID, action: str) -> list[ActionOutcome]:
    """Cancel, pause, resume or retry every download of the group that this applies to. Others are
    untouched, and a repetition does nothing. Raises DownloadGroup.DoesNotExist."""
    group = DownloadGroup.objects.get(pk=pk, user=user)
    members = Download.objects.filter(group=group).with_status()
    # Oldest first: the first requested is paused last in line, and retried first.
    meant = members.filter(status__in=MEANT_FOR[action]).order_by("created_at", "id")
    return act_on_many(user, meant.values_list("pk", flat=True), action)


def delete_group(user: User, pk: uuid.UUID) -> int:
    """End and delete every download of the group, and the group. Return their number.

    Raises DownloadGroup.DoesNotExist.
    """
    group = DownloadGroup.objects.get(pk=pk, user=user)
    members = list(Download.objects.filter(group=group).values_list("pk", flat=True))
    delete_many(user, members)
    DownloadGroup.objects.filter(pk=pk).delete()
    return len(members)
