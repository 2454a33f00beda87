"""The payload of a download's transitions."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from downloads.schemas.base import Payload

if TYPE_CHECKING:
    from downloads.models import Transition


class TransitionPayload(Payload):
    """One line of a download's timeline. ``worker`` is null for users who are not staff."""

    at: dt.datetime
    event: str
    from_status: str | None
    to_status: str | None
    reason: str | None
    error_code: str | None
    attempt: int | None
    worker: str | None

    @classmethod
    def of(cls, transition: Transition, *, for_staff: bool) -> TransitionPayload:
        return cls(
            at=transition.at,
            event=transition.event,
            from_status=transition.from_status or None,
            to_status=transition.to_status or None,
            reason=transition.reason or None,
            error_code=transition.error_code or None,
            attempt=transition.attempt or None,
            worker=(transition.worker or None) if for_staff else None,
        )
