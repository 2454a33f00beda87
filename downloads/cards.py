"""What the page says of a download. Pure: a payload in, words out."""

from __future__ import annotations

import datetime as dt
import mimetypes
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from downloads import wording
from downloads.events.payloads import DownloadPayload
from downloads.streams import Phase, Quality

PHASES: Final = {
    Phase.RESOLVING: "Finding the file",
    Phase.DOWNLOADING: "Downloading",
    Phase.PROCESSING: "Putting it together",
    Phase.STORING: "Saving",
}
STATES: Final = {
    "queued": "Waiting",
    "running": "Starting",
    "paused": "Paused",
    "completed": "Completed",
    "failed": "Failed",
    "cancelled": "Cancelled",
    "expired": "Expired",
}


@dataclass(frozen=True, slots=True)
class Action:
    """A button. ``name`` is the service's word, and the icon's."""

    name: str
    label: str


PAUSE, RESUME = Action("pause", "Pause"), Action("resume", "Resume")
CANCEL, RETRY = Action("cancel", "Cancel"), Action("retry", "Retry")
KEEP, DELETE = Action("keep", "Keep"), Action("delete", "Delete")

ACTIONS: Final[dict[str, tuple[Action, ...]]] = {
    "queued": (PAUSE, CANCEL, DELETE),
    "running": (PAUSE, CANCEL, DELETE),
    "paused": (RESUME, CANCEL, DELETE),
    "completed": (DELETE,),
    "failed": (RETRY, DELETE),
    "cancelled": (RETRY, DELETE),
    "expired": (RETRY, DELETE),
}


@dataclass(frozen=True, slots=True)
class Card:
    """One download as its list item shows it. ``percent`` is whole, and 100 only when done."""

    download: DownloadPayload
    state: str
    percent: int
    amount: str
    progress_text: str
    details: tuple[str, ...]
    source: tuple[str, ...]
    expiry: str
    note: str
    actions: tuple[Action, ...]
    kind: str
    picture: str

    @property
    def is_measured(self) -> bool:
        """Whether the bar can say how far it is, not only that something happens."""
        return self.download.status != "running" or self.download.bytes_total is not None

    @property
    def is_moving(self) -> bool:
        """Whether it changes without anybody asking it to."""
        return self.download.status in ("queued", "running")

    @property
    def is_playable(self) -> bool:
        return self.download.status == "completed" and self.kind in ("video", "audio")


def card_of(download: DownloadPayload, now: dt.datetime) -> Card:
    percent = int(download.progress)
    amount = _amount(download)
    actions = ACTIONS[download.status]
    expiry = _expiry(download, now)
    return Card(
        download=download,
        state=PHASES[download.phase] if download.phase else STATES[download.status],
        percent=percent,
        amount=amount,
        progress_text=f"{percent} percent, {amount}" if amount else f"{percent} percent",
        details=tuple(_details(download)),
        source=tuple(_source(download)),
        expiry=expiry,
        note=_note(download),
        actions=(KEEP, *actions) if expiry else actions,
        kind=_kind(download),
        # the page's policy lets no other scheme pass
        picture=download.thumbnail_url if download.thumbnail_url.startswith("https://") else "",
    )


def _amount(download: DownloadPayload) -> str:
    if download.status == "completed":
        return wording.size_in_words(download.size or 0)
    if download.bytes_total is None and not download.bytes_done:
        return ""
    return wording.amount_in_words(download.bytes_done, download.bytes_total)


def _details(download: DownloadPayload) -> list[str]:
    """How it goes, beside the state."""
    found = []
    if download.speed:
        found.append(wording.speed_in_words(download.speed))
    if download.eta is not None:
        found.append(f"{wording.wait_in_words(download.eta)} left")
    if download.queue_position is not None:
        position = download.queue_position
        found.append("next in the queue" if position == 1 else f"number {position} in the queue")
    return found


def _source(download: DownloadPayload) -> list[str]:
    """What it is and where it comes from. The host alone: a URL may carry a password."""
    found = [wording.clock(download.duration)] if download.duration else []
    facts = (_quality(download), urlsplit(download.source_url).hostname or "")
    return found + [fact for fact in facts if fact]


def _quality(download: DownloadPayload) -> str:
    """What it came to, or what was asked for; nothing where neither says anything."""
    quality = download.resolved_quality or download.quality
    return "" if quality is Quality.AUTO else str(quality)


def _expiry(download: DownloadPayload, now: dt.datetime) -> str:
    if download.status != "completed" or download.expires_at is None:
        return ""
    left = (download.expires_at - now).total_seconds()
    return f"Expires in {wording.wait_in_words(left)}"


def _note(download: DownloadPayload) -> str:
    """The sentence in the row: why it failed, or why it waits for another attempt."""
    if download.status == "expired":
        return "Its time was up and the file is gone. Retry fetches it again."
    if not download.error:
        return ""
    if download.status == "queued":
        return f"The last attempt failed: {download.error} Ferry tries again by itself."
    return download.error


def _kind(download: DownloadPayload) -> str:
    """``video``, ``audio`` or ``file``: the picture where there is no thumbnail."""
    path = urlsplit(download.source_url).path
    mime_type = download.mime_type or mimetypes.guess_type(path)[0] or ""
    kind = mime_type.partition("/")[0]
    if kind in ("video", "audio"):
        return kind
    return "audio" if download.quality is Quality.AUDIO else "file"
