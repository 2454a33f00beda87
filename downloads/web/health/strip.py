"""The health strip: speed, counts and room; each problem with what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal

from django.conf import settings
from django.utils import timezone

from downloads.engine.core import humanize
from downloads.jobs.admission import storage_used
from downloads.models import Download, QueueEntry
from downloads.queue import broker, figures
from downloads.queue.hosts import cooling_hosts
from downloads.queue.version_skew import version_warning
from downloads.storage.storage import free_space

if TYPE_CHECKING:
    from accounts.models import User

ROOM_WANTED: Final = 5 * 10**9  # bytes; below this the strip warns
QUOTA_NEARLY: Final = 0.9


@dataclass(frozen=True, slots=True)
class State:
    """The figures of the strip. ``room``: bytes that may still be written before MIN_FREE_SPACE;
    ``versions``: what staff must know of several versions; ``cooling``: rate-limited hosts that
    hold back waiting downloads, until when."""

    now: datetime
    speed: float = 0.0
    running: int = 0
    waiting: int = 0
    room: int | None = None
    used: int = 0
    quota: int | None = None
    broker_up: bool = True
    worker_there: bool = True
    versions: str = ""
    cooling: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A problem. ``text`` is the cause, ``advice`` what to do about it."""

    tone: Literal["bad", "warn"]
    text: str
    advice: str


@dataclass(frozen=True, slots=True)
class Strip:
    """The strip as text."""

    figures: tuple[str, ...]
    troubles: tuple[Trouble, ...]


def strip_of(state: State) -> Strip:
    """Return the strip of a state. Pure. Without problems it is one line of figures."""
    troubles = (
        _broker(state),
        _worker(state),
        _versions(state),
        _disk(state),
        _quota(state),
        _cooling(state),
    )
    return Strip(
        figures=tuple(_figures(state)),
        troubles=tuple(trouble for trouble in troubles if trouble is not None),
    )


def _figures(state: State) -> list[str]:
    found = [humanize.speed_in_words(state.speed)] if state.speed else []
    found += [f"{state.running} running"] if state.running else []
    found += [f"{state.waiting} waiting"] if state.waiting else []
    if not found:
        found = ["Idle"]
    if state.room is not None:
        found.append(f"{humanize.size_in_words(max(state.room, 0))} free")
    if state.quota is not None:
        left = humanize.size_in_words(max(state.quota - state.used, 0))
        found.append(f"{left} of your quota left")
    return found


def _broker(state: State) -> Trouble | None:
    if state.broker_up:
        return None
    return Trouble(
        "bad",
        "The queue is waiting for its broker.",
        "Downloads are kept and start automatically once Redis is back. "
        "An administrator can check REDIS_URL.",
    )


def _worker(state: State) -> Trouble | None:
    if state.worker_there:
        return None
    return Trouble(
        "bad",
        "No worker is running, so downloads do not start.",
        "They stay queued. An administrator can start a worker with: manage.py up",
    )


def _versions(state: State) -> Trouble | None:
    if not state.versions:
        return None
    return Trouble("warn", "Several versions of Ferry are running.", state.versions)


def _disk(state: State) -> Trouble | None:
    if state.room is None or state.room >= ROOM_WANTED:
        return None
    if state.room <= 0:
        return Trouble(
            "bad",
            "The disk is full.",
            "New downloads fail until there is space. Delete downloads you no longer need, "
            "or ask an administrator to free space.",
        )
    left = humanize.size_in_words(state.room)
    return Trouble("warn", f"Only {left} free on the disk.", "Delete downloads you no longer need.")


def _quota(state: State) -> Trouble | None:
    if state.quota is None or state.used < state.quota * QUOTA_NEARLY:
        return None
    used, quota = humanize.size_in_words(state.used), humanize.size_in_words(state.quota)
    if state.used >= state.quota:
        return Trouble(
            "bad",
            f"Your quota of {quota} is used up.",
            "Delete downloads you no longer need, then retry.",
        )
    return Trouble(
        "warn", f"{used} of your quota of {quota} are used.", "Delete downloads you no longer need."
    )


def _cooling(state: State) -> Trouble | None:
    if not state.cooling:
        return None
    until = max(state.cooling.values())
    hosts = ", ".join(sorted(state.cooling)[:3])
    again = humanize.wait_in_words((until - state.now).total_seconds())
    return Trouble(
        "warn",
        f"{hosts} is limiting requests.",
        f"Its downloads resume automatically in {again}.",
    )


@dataclass(frozen=True, slots=True)
class Activity:
    """The number of running and of queued downloads, and their speed in bytes a second."""

    running: int
    waiting: int
    speed: float

    @classmethod
    def of(cls, user: User | None) -> Activity:
        """Return it for a user, or for all."""
        running, waiting = figures.active_counts(user)
        return cls(running, waiting, figures.bytes_per_second(user) if running else 0.0)


def state_for(user: User, activity: Activity | None = None) -> State:
    """Return the state of this user's downloads; for staff, of everyone's.

    ``activity``: of these, if it is known already.
    """
    activity = activity or Activity.of(None if user.is_staff else user)
    room = room_left()
    return State(
        now=timezone.now(),
        speed=activity.speed,
        running=activity.running,
        waiting=activity.waiting,
        room=room,
        used=0 if user.quota is None else storage_used(Download.objects.of(user)),
        quota=user.quota,
        broker_up=broker.is_up(),
        versions=version_warning() if user.is_staff else "",
        worker_there=figures.has_worker(),
        cooling=_cooling_for(user) if activity.waiting else {},
    )


def room_left() -> int | None:
    """Return the bytes left above MIN_FREE_SPACE, negative below it; None if unknown."""
    free = free_space()
    return None if free is None else free - settings.MIN_FREE_SPACE


def _cooling_for(user: User) -> dict[str, datetime]:
    """Return the hosts that hold back this user's waiting downloads; for staff, anyone's."""
    cooling = cooling_hosts()
    if not cooling:
        return {}
    waiting = QueueEntry.objects.filter(host__in=cooling)
    if not user.is_staff:
        waiting = waiting.filter(user=user)
    hosts = set(waiting.values_list("host", flat=True).distinct())
    return {host: until for host, until in cooling.items() if host in hosts}
