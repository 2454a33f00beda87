"""The reason for a wait as a sentence: for staff, who can fix it, and for its owner. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from django.conf import settings

from downloads.engine.core.humanize import ordinal, wait_in_words
from downloads.queue.waiting import Hold, Reason

if TYPE_CHECKING:
    from accounts.models import User


class Holder(Protocol):
    """A user who requested it; ``str`` of them is their name."""

    @property
    def active_limit(self) -> int: ...


def to_staff(reason: Reason, host: str, holders: Sequence[Holder], now: dt.datetime) -> str:
    """Return the sentence for staff. ``holders``: all its users."""
    match reason.hold:
        case Hold.BACKOFF:
            return f"Retrying automatically {_when(reason, now)}."
        case Hold.COOLING:
            return f"{host} is limiting requests. Resumes automatically {_when(reason, now)}."
        case Hold.HOST_FULL:
            most = settings.FETCH_HOST_CONCURRENCY
            return f"{host} is at its limit of {_downloads(most)} (FETCH_HOST_CONCURRENCY)."
        case Hold.USER_LIMIT:
            return _limits(holders)
        case Hold.DISK:
            return "The disk is full. Free space; then it resumes automatically."
        case Hold.NO_WORKER:
            return "No worker is running. Start one with: manage.py up"
        case Hold.BROKER:
            return "The broker is down. It starts automatically once Redis is back."
        case Hold.ALONE:
            return "It crashed workers before, so it runs alone: it waits for an idle worker."
        case Hold.NEXT:
            return "Next: it starts in a moment."
        case Hold.TURN:
            return f"{ordinal(reason.turn)} in line." if reason.turn else "Waiting its turn."


def _limits(holders: Sequence[Holder]) -> str:
    if len(holders) != 1:
        return "All its owners are at their limit of simultaneous downloads."
    (user,) = holders
    if user.active_limit == 0:
        return f"{user} may not run downloads: raise their limit (max active) in the admin."
    return f"{user} is at their limit of {_downloads(user.active_limit)}."


def _downloads(count: int) -> str:
    return f"{count} simultaneous download{'' if count == 1 else 's'}"


def to_owner(reason: Reason, host: str, owner: User, now: dt.datetime) -> str:
    """Return the sentence for its owner; empty if its place in the queue says enough."""
    match reason.hold:
        case Hold.BACKOFF:
            return "Waiting for the next attempt."
        case Hold.COOLING:
            return f"{host} is limiting requests. Resumes automatically {_when(reason, now)}."
        case Hold.HOST_FULL:
            return f"{host} is at its limit of simultaneous downloads. It starts when one ends."
        case Hold.USER_LIMIT if owner.active_limit == 0:
            return "Your account may not run downloads. Ask an administrator."
        case Hold.USER_LIMIT:
            most = _downloads(owner.active_limit)
            return f"You are at your limit of {most}. It starts when one ends."
        case Hold.DISK:
            return "The server's disk is full. Delete downloads you no longer need."
        case Hold.NO_WORKER:
            return "No worker is running. It stays queued; an administrator can start one."
        case Hold.BROKER:
            return "The queue is waiting for its broker. It stays queued and starts automatically."
        case Hold.ALONE:
            return "It crashed a worker before, so it waits for an idle one."
        case Hold.NEXT | Hold.TURN:
            return ""


def _when(reason: Reason, now: dt.datetime) -> str:
    left = 0.0 if reason.until is None else (reason.until - now).total_seconds()
    return f"in {wait_in_words(left)}" if left >= 1 else "in a moment"
