"""Actions of a user on many of their downloads.

Cancel, pause and delete take a transaction for each batch, of as many queries however many
downloads it has. Files that no other download holds are freed by the next sweep: two hundred of
them would take seconds. Resume and retry are done one by one: each may find another file to join.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.db.models.functions import Now

from downloads.engine.core.errors import DownloadError
from downloads.events.announce import announce_deleted
from downloads.line import in_line
from downloads.models import Download
from downloads.queue.demand import idle_all_unwanted, lock
from downloads.queue.transitions import lock_renditions, mark_all
from downloads.services.actions import ALLOWED, InvalidState, act, refusal

if TYPE_CHECKING:
    from accounts.models import User

_BATCH: Final = 200  # rows of one transaction
# action -> its event in the timeline, and the mark it writes
_MARKS: Final = {"cancel": ("cancelled", "cancelled_at"), "pause": ("paused", "paused_at")}


@dataclass(frozen=True, slots=True)
class ActionOutcome:
    """The outcome for one download: its new state, or the error."""

    download_id: uuid.UUID
    download: Download | None = None
    error: InvalidState | DownloadError | None = None

    @property
    def message(self) -> str:
        """Return the error as a sentence; empty if there is none."""
        if self.error is None:
            return ""
        return self.error.message if isinstance(self.error, DownloadError) else str(self.error)


def act_on_many(user: User, pks: Collection[uuid.UUID], action: str) -> list[ActionOutcome]:
    """Cancel, pause, resume or retry these, in their order, each once; those that are not the
    user's are left out. One that is refused holds no other."""
    wanted = list(dict.fromkeys(pks))
    if action in _MARKS:
        batches = [_rest(user, batch, action) for batch in _batches(wanted)]
        return [outcome for batch in batches for outcome in batch]
    return [found for pk in wanted if (found := _outcome(user, pk, action)) is not None]


def delete_many(user: User, pks: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Delete these downloads of the user, as ``delete`` does. Return those that there were."""
    deleted = set[uuid.UUID]()
    for batch in _batches(list(dict.fromkeys(pks))):
        deleted |= _delete(user, batch)
    return deleted


def _batches(pks: Sequence[uuid.UUID]) -> Iterator[Sequence[uuid.UUID]]:
    for start in range(0, len(pks), _BATCH):
        yield pks[start : start + _BATCH]


def _outcome(user: User, pk: uuid.UUID, action: str) -> ActionOutcome | None:
    try:
        return ActionOutcome(pk, act(user, pk, action))
    except Download.DoesNotExist:
        return None
    except (InvalidState, DownloadError) as error:
        return ActionOutcome(pk, error=error)


@transaction.atomic
def _rest(user: User, pks: Sequence[uuid.UUID], action: str) -> list[ActionOutcome]:
    """Cancel or pause these."""
    (event, column), (allowed, reached) = _MARKS[action], ALLOWED[action]
    statuses: dict[uuid.UUID, str] = {each.pk: each.status for each in _locked(user, pks)}
    marked = [pk for pk, status in statuses.items() if status in allowed]
    mark_all(marked, event, **{column: Now()})
    idle_all_unwanted(
        Download.objects.filter(pk__in=marked).values_list("rendition_id", flat=True).distinct()
    )
    rows = Download.objects.filter(pk__in=list(statuses)).with_status()
    now = {each.pk: each for each in in_line(rows)}
    return [
        ActionOutcome(pk, now[pk])
        if statuses[pk] in allowed | reached
        else ActionOutcome(pk, error=InvalidState(refusal(action, statuses[pk])))
        for pk in pks
        if pk in statuses
    ]


@transaction.atomic
def _delete(user: User, pks: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    found = _locked(user, pks)
    Download.objects.filter(pk__in=[each.pk for each in found]).delete()
    announce_deleted(user.pk, {each.pk: each.seq for each in found})
    idle_all_unwanted({each.rendition_id for each in found})
    return {each.pk for each in found}


def _locked(user: User, pks: Sequence[uuid.UUID]) -> list[Any]:
    """Read the user's downloads under the locks of their contents, ``with_status()``."""
    own = Download.objects.of(user).filter(pk__in=pks)
    lock(*own.values_list("content_id", flat=True))
    lock_renditions(own.values_list("rendition_id", flat=True))
    # Read again: of one that another request deletes at this moment none is left.
    return list(own.with_status().select_for_update(of=("self",)))
