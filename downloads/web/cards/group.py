"""The list item of a group. Pure: a payload in, text out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from downloads.schemas import DownloadStatus
from downloads.schemas.group_progress import GroupProgress
from downloads.schemas.groups import GroupPayload
from downloads.web.cards.download import Action, Card

PAUSE, RESUME = Action("pause", "Pause all"), Action("resume", "Resume all")
RETRY, CANCEL = Action("retry", "Retry failed"), Action("cancel", "Cancel all")
DELETE = Action("delete", "Delete all")

STATES: Final = {
    "queued": "Waiting",
    "running": "Downloading",
    "paused": "Paused",
    "completed": "Completed",
    "failed": "Stopped",
    "cancelled": "Cancelled",
    "expired": "Expired",
}
_MOVING: Final = ("queued", "running")


@dataclass(frozen=True, slots=True)
class GroupCard:
    """One parent row. ``cards``: its downloads in this tab, if open; ``in_tab``: their number.

    ``running`` is JSON for live updates in the page, of each running download ``{id: [share of the
    bar, percent]}``.
    """

    group: GroupPayload
    percent: int
    notes: tuple[str, ...]
    actions: tuple[Action, ...]
    running: str
    in_tab: int
    is_open: bool = False
    cards: tuple[Card, ...] = ()
    picture: str = ""

    @property
    def state(self) -> str:
        return STATES[self.group.status]

    @property
    def progress_text(self) -> str:
        labels = self.group.labels
        return ", ".join(filter(None, [f"{self.percent} percent", labels.finished, labels.amount]))

    @property
    def is_moving(self) -> bool:
        return self.group.status in _MOVING

    @property
    def waits(self) -> bool:
        return self.group.status == "queued"

    @property
    def left_out(self) -> int:
        """The number of its downloads in this tab without a card."""
        return self.in_tab - len(self.cards) if self.is_open else 0


def group_card(
    group: GroupPayload,
    now: GroupProgress,
    *,
    in_tab: int,
    cards: tuple[Card, ...] | None = None,
    picture: str = "",
) -> GroupCard:
    """Return the row of a group. ``cards`` is None if it is closed."""
    return GroupCard(
        group=group,
        percent=int(group.progress),
        notes=tuple(_notes(group)),
        actions=tuple(_actions(group)),
        running=json.dumps({one.id: [round(share, 6), one.progress] for one, share in now.running}),
        in_tab=in_tab,
        is_open=cards is not None,
        cards=cards or (),
        picture=picture,
    )


def _notes(group: GroupPayload) -> list[str]:
    """Return the counts of failed, paused and cancelled ones, unless the state says it of all."""
    aside: tuple[DownloadStatus, ...] = ("failed", "paused", "cancelled")
    shown = [status for status in aside if status == "failed" or status != group.status]
    return [f"{group.counts[status]} {status}" for status in shown if group.counts.get(status)]


def _actions(group: GroupPayload) -> list[Action]:
    has = group.counts.get
    found = [PAUSE] if has("queued") or has("running") else [RESUME] if has("paused") else []
    if has("failed"):
        found.append(RETRY)
    if has("queued") or has("running") or has("paused"):
        found.append(CANCEL)
    return [*found, DELETE]
