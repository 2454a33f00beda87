"""Texts for people: of a download, of content, of a quality. Pages, the element and other clients
show these as they are; sizes, speeds and times come from ``engine.core.humanize``."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Final

from django.utils import timezone

from downloads.engine.core import humanize
from downloads.engine.core.progress import Phase
from downloads.line import EXACT
from downloads.schemas.base import Payload

if TYPE_CHECKING:
    from downloads.models import Download, Rendition

PHASES: Final = {
    Phase.RESOLVING: "Finding the file",
    Phase.DOWNLOADING: "Downloading",
    Phase.PROCESSING: "Merging...",
    Phase.STORING: "Saving",
}
STATUSES: Final = {
    "queued": "Waiting",
    "running": "Starting",
    "paused": "Paused",
    "completed": "Completed",
    "failed": "Failed",
    "cancelled": "Cancelled",
    "expired": "Expired",
}
# "Retry later." as a sentence of its own, or at the end of one: ", then retry."
_RETRY: Final = re.compile(
    r"(?: (?:Retry|Try again|Wait)|,? (?:or|then|and) (?:retry|try again))\b[^.]{0,100}\.$"
)
PROBING: Final = "Checking link..."
GONE: Final = "This download has expired and its file is deleted. Retry to download it again."


class ProgressLabels(Payload):
    """Texts of the progress; empty if there is none. ``status``: of a running download its
    phase. ``amount``: what has arrived, of how much."""

    status: str
    amount: str
    speed: str
    eta: str

    @classmethod
    def running(
        cls, phase: str, bytes_done: int, bytes_total: int | None, speed: float, eta: float | None
    ) -> ProgressLabels:
        """Return the labels of a running download.

        ``phase`` is empty before the first; ``speed`` in bytes a second, ``eta`` in seconds.
        """
        is_measured = bytes_total is not None or bytes_done
        return cls(
            status=PHASES[Phase(phase)] if phase else STATUSES["running"],
            amount=humanize.amount_in_words(bytes_done, bytes_total) if is_measured else "",
            speed=humanize.speed_in_words(speed) if speed else "",
            eta="" if eta is None else f"{humanize.wait_in_words(eta)} left",
        )


class DownloadLabels(ProgressLabels):
    """Texts of one download. ``place``: in the queue. ``expires``: if the file expires.
    ``note``: why it failed, why it waits for another attempt, or what the finished file lacks."""

    duration: str
    place: str
    expires: str
    note: str

    @classmethod
    def of(cls, download: Download, error: str | None) -> DownloadLabels:
        """Return the labels of a download from ``with_status()``; ``error``: its payload's."""
        rendition, duration = download.rendition, download.content.duration
        status: str = download.status  # type: ignore[attr-defined]
        is_running, is_completed = status == "running", status == "completed"
        moving = ProgressLabels.running(
            rendition.phase if is_running else "",
            rendition.bytes_done,
            rendition.bytes_total,
            rendition.speed if is_running else 0.0,
            rendition.eta if is_running else None,
        )
        return cls(
            status=moving.status if is_running else STATUSES[status],
            amount=humanize.size_in_words(rendition.size or rendition.bytes_total or 0)
            if is_completed
            else moving.amount,
            speed=moving.speed,
            eta=moving.eta,
            duration=humanize.clock(duration) if duration else "",
            place=_place(getattr(download, "queue_position", None)),
            expires=_expires(download.expires_at) if is_completed else "",
            note=_note(status, error, rendition),
        )


class ContentLabels(Payload):
    """Texts of content. ``status``: while it is being probed."""

    status: str
    duration: str


def about(size: int | None, is_estimate: bool) -> str:
    """Return ``about 48 MB`` for an estimate, ``48 MB`` else; empty for None."""
    if size is None:
        return ""
    return f"{'about ' if is_estimate else ''}{humanize.size_in_words(size)}"


def _place(position: int | None) -> str:
    if position is None:
        return ""
    about = "About " if position > EXACT else ""
    return f"{about}{humanize.ordinal(position)} in line"


def _expires(at: dt.datetime | None) -> str:
    if at is None:
        return ""
    return f"Expires in {humanize.wait_in_words((at - timezone.now()).total_seconds())}"


def cause_of(error: str) -> str:
    """Return an error's message without its advice to retry: Ferry does."""
    return f"{_RETRY.sub('', error).removesuffix('.')}."


def _note(status: str, error: str | None, rendition: Rendition) -> str:
    if status == "completed":
        return rendition.note
    if status == "expired":
        return error or GONE
    if status == "queued" and error:
        return f"{cause_of(error)} Retrying automatically{_until(rendition.next_attempt_at)}."
    return error or ""


def _until(at: dt.datetime) -> str:
    left = (at - timezone.now()).total_seconds()
    return f" in {humanize.wait_in_words(left)}" if left >= 1 else ""
