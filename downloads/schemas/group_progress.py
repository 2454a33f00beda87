"""The progress of a group: one bar over many downloads. Pure.

It is weighted by bytes. A download of unknown size weighs as much as the others on average, so
that twelve small completed files do not make fifty unknown ones look nearly done.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

FINISHED: Final = ("completed", "expired")
LEFT_OUT: Final = ("cancelled",)  # no longer wanted
_ORDER: Final = ("running", "queued", "paused", "failed", "completed", "expired", "cancelled")


@dataclass(frozen=True, slots=True)
class Member:
    """One download. ``progress`` in percent, ``done`` and ``total`` in bytes, ``speed`` in bytes a
    second."""

    id: str
    status: str
    progress: float = 0.0
    done: int = 0
    total: int | None = None
    speed: float = 0.0

    @property
    def share(self) -> float:
        """The share of it that has arrived, 0 to 1."""
        return 1.0 if self.status in FINISHED else min(self.progress / 100, 0.999)


@dataclass(frozen=True, slots=True)
class GroupProgress:
    """The progress of one group. ``percent`` is 100 only if all but the cancelled have arrived.

    ``total`` in bytes, None if no size is known yet; an estimate if ``is_estimate``.
    ``running``: each running member with its share of the whole bar, 0 to 1.
    """

    status: str
    percent: float
    done: int
    total: int | None
    is_estimate: bool
    speed: float
    eta: float | None
    counts: dict[str, int] = field(default_factory=dict)
    running: tuple[tuple[Member, float], ...] = ()

    @property
    def count(self) -> int:
        return sum(self.counts.values())

    @property
    def finished(self) -> int:
        return sum(self.counts.get(status, 0) for status in FINISHED)

    @property
    def wanted(self) -> int:
        """The number of downloads except the cancelled."""
        return self.count - sum(self.counts.get(status, 0) for status in LEFT_OUT)


def progress_of(members: Sequence[Member]) -> GroupProgress:
    """Return the progress of a group of these downloads."""
    counted = [member for member in members if member.status not in LEFT_OUT]
    weights = _weights(counted)
    whole = sum(weights.values())
    arrived = sum(weights[member.id] * member.share for member in counted)
    known = any(member.total for member in counted)
    speed = sum(member.speed for member in counted)
    total = round(whole) if known else None
    counts = _counts(members)
    return GroupProgress(
        status=next((status for status in _ORDER if status in counts), "queued"),
        percent=_percent(counted, arrived / whole if whole else 0.0),
        done=sum(member.done for member in counted),
        total=total,
        is_estimate=known and any(member.total is None for member in counted),
        speed=speed,
        eta=(whole - arrived) / speed if known and speed else None,
        counts=counts,
        running=tuple(
            (member, weights[member.id] / whole)
            for member in counted
            if member.status == "running" and whole
        ),
    )


def _weights(members: Iterable[Member]) -> dict[str, float]:
    known = [member.total for member in members if member.total]
    mean = sum(known) / len(known) if known else 1.0
    return {member.id: float(member.total or mean) for member in members}


def _percent(counted: Sequence[Member], share: float) -> float:
    if counted and all(member.status in FINISHED for member in counted):
        return 100.0
    return min(int(share * 1000) / 10, 99.9)


def _counts(members: Iterable[Member]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for member in members:
        counts[member.status] = counts.get(member.status, 0) + 1
    return counts
