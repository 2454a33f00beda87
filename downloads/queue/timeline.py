"""The timeline: the lines that say what happened to a file and to a user's download of it.

Written in the transaction that makes it happen.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Final

from config.prepared import PreparedInsert
from downloads.models import Download, Rendition, Transition

write_line: Final = PreparedInsert(Transition)


@dataclass(frozen=True, slots=True)
class TransitionNote:
    """The timeline's text on a move. ``reason`` is a sentence for a person."""

    event: str
    reason: str = ""
    error_code: str = ""
    worker: str = ""

    def columns(self, old: str, new: str) -> dict[str, str]:
        """Return the columns of a line in the timeline."""
        return {"from_status": old, "to_status": new, **asdict(self)}


def line_of(moved: Rendition, old: str, new: str, note: TransitionNote) -> Transition:
    """Return the line of the timeline for a move."""
    return Transition(
        rendition=moved,
        attempt=moved.attempts,
        generation=moved.generation,
        **note.columns(old, new),
    )


def note_all(
    now: Iterable[Download], event: str, *, from_status: str = "", reason: str = ""
) -> None:
    """Write a line into each download's own timeline. ``now`` comes from ``with_status()``."""
    rows = [
        {
            "download_id": download.pk,
            "event": event,
            "from_status": from_status,
            "to_status": download.status,  # type: ignore[attr-defined]
            "reason": reason,
            "error_code": download.error_code,
        }
        for download in now
    ]
    if len(rows) == 1:
        write_line(**rows[0])
    else:
        Transition.objects.bulk_create(Transition(**row) for row in rows)


def note_work(pk: uuid.UUID, note: TransitionNote) -> None:
    """Write a line into the timeline of a rendition that stays in its status."""
    working = Rendition.objects.only("attempts", "generation", "status").get(pk=pk)
    line_of(working, working.status, working.status, note).save()


def copy_lines(of: Rendition, into: Download) -> None:
    """Give a download, whose file is another from now on, what its timeline said of the last."""
    Transition.objects.bulk_create(
        Transition(
            download=into,
            at=line.at,
            event=line.event,
            from_status=line.from_status,
            to_status=line.to_status,
            reason=line.reason,
            error_code=line.error_code,
            attempt=line.attempt,
            generation=line.generation,
            worker=line.worker,
        )
        for line in of.transitions.all()
    )
