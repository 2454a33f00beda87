"""The payload of a download's transitions."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Literal

from downloads.schemas.base import Payload
from downloads.schemas.download import DownloadStatus

if TYPE_CHECKING:
    from downloads.models import Transition


TimelineStatus = Literal[
    DownloadStatus,
    "finalizing",  # all bytes are here; the file is put into the storage
    "stored",
    "idle",  # no download wants the file for now
]


class TransitionPayload(Payload):
    """One line of a download's timeline: of the download itself, or of its file, which it may
    share.

    The file has three statuses of its own: `finalizing` (all bytes are there, it is put into the
    storage), `stored`, and `idle` (no download wants it for now). ``event`` is one of `requested`,
    `queued`, `started`, `retry_later`, `handed_back`, `worker_lost`, `finalizing`, `stored`,
    `rested`, `released`, `failed`, and the user's own `cancelled`, `paused`, `resumed`, `retried`,
    `kept`, `prioritised`, `expired`; there may be more. ``worker`` is null for users who are not
    staff.
    """

    at: dt.datetime
    event: str
    from_status: TimelineStatus | None
    to_status: TimelineStatus | None
    reason: str | None
    error_code: str | None
    attempt: int | None
    worker: str | None

    @classmethod
    def of(cls, transition: Transition, *, for_staff: bool) -> TransitionPayload:
        return cls(
            at=transition.at,
            event=transition.event,
            from_status=transition.from_status or None,  # type: ignore[arg-type]
            to_status=transition.to_status or None,  # type: ignore[arg-type]
            reason=transition.reason or None,
            error_code=transition.error_code or None,
            attempt=transition.attempt or None,
            worker=(transition.worker or None) if for_staff else None,
        )
