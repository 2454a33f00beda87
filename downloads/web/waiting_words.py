"""The reason for a wait as a sentence: for staff, who can fix it, and for its owner. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.conf import settings

from downloads.engine.core.humanize import wait_in_words
from downloads.queue.waiting import Hold, Reason

if TYPE_CHECKING:
    from accounts.models import User


def to_staff(reason: Reason, host: str, holders: Sequence[User], now: dt.datetime) -> str:
    """Return the sentence for staff. ``holders``: all its users."""
    match reason.hold:
        case Hold.BACKOFF:
            return f"Tries again {_when(reason, now)}."
        case Hold.COOLING:
            return f"{host} asked us to slow down. Goes on {_when(reason, now)}."
        case Hold.HOST_FULL:
            most = settings.FETCH_HOST_CONCURRENCY
            return f"{most} run at {host} already, as many as FETCH_HOST_CONCURRENCY allows."
        case Hold.USER_LIMIT:
            return _limits(holders)
        case Hold.DISK:
            return "The disk is full. Free space, and it goes on."
        case Hold.NO_WORKER:
            return "No worker is running. Start one with: manage.py up"
        case Hold.BROKER:
            return "The broker is away. It starts by itself once Redis is back."
        case Hold.ALONE:
            return "Its workers ended before, so it runs alone: it waits for a worker without work."
        case Hold.NEXT:
            return "Next: it starts in a moment."
        case Hold.TURN:
            return f"Number {reason.turn} in the line." if reason.turn else "It waits for its turn."


def _limits(holders: Sequence[User]) -> str:
    if len(holders) != 1:
        return "Each who wants it has as many running as allowed."
    (user,) = holders
    if user.active_limit == 0:
        return f"{user} may run none at all: see max active of this user."
    return f"{user} has {user.active_limit} running, as many as max active of this user allows."


def to_owner(reason: Reason, host: str, owner: User, now: dt.datetime) -> str:
    """Return the sentence for its owner; empty if its place in the queue says enough."""
    match reason.hold:
        case Hold.BACKOFF:
            return f"The next attempt is {_when(reason, now)}."
        case Hold.COOLING:
            return f"{host} asked us to slow down. It goes on {_when(reason, now)}."
        case Hold.HOST_FULL:
            return f"Enough is fetched from {host} just now. It starts when one of these has ended."
        case Hold.USER_LIMIT if owner.active_limit == 0:
            return "Your account may not run downloads. Ask an administrator."
        case Hold.USER_LIMIT:
            most = owner.active_limit
            return f"You have {most} running, as many as you may. It starts when one has ended."
        case Hold.DISK:
            return "The server's disk is full. Delete downloads that you no longer need."
        case Hold.NO_WORKER:
            return "No worker is running. It is kept; an administrator can start one."
        case Hold.BROKER:
            return "The queue is waiting for its broker. It is kept and starts by itself."
        case Hold.ALONE:
            return "Its worker ended before, so it waits for one that has nothing else to do."
        case Hold.NEXT | Hold.TURN:
            return ""


def _when(reason: Reason, now: dt.datetime) -> str:
    left = 0.0 if reason.until is None else (reason.until - now).total_seconds()
    return f"in {wait_in_words(left)}" if left >= 1 else "in a moment"
