"""The list item of a download. Pure: a payload in, text out."""

from __future__ import annotations

import datetime as dt
import mimetypes
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode, urlsplit

from downloads.engine.core import humanize
from downloads.engine.core.media import Quality
from downloads.schemas import DownloadPayload


@dataclass(frozen=True, slots=True)
class Action:
    """A button. ``name`` is the service's action, and the icon's name."""

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

# Error codes by the remedy that the user has, besides retrying: another link, a lower quality,
# free space.
OTHER_LINK: Final = frozenset(
    {
        "unsupported_url",
        "unavailable",
        "expired_link",
        "not_media",
        "blocked_address",
        "bad_manifest",
        "too_many_redirects",
    }
)
LESS: Final = frozenset({"too_large", "disk_full", "quota_exceeded", "processing_failed"})
ROOM: Final = frozenset({"disk_full", "quota_exceeded"})

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class Remedy:
    """The next step after a failure: another quality to request, or else a page to go to.

    ``is_playlist``: to the listing, if the link turned out to be a playlist."""

    label: str
    href: str = ""
    quality: Quality | None = None
    is_playlist: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """One download as its list item shows it. ``key``: its id; ``percent`` is whole, 100 only if
    completed."""

    download: DownloadPayload
    key: str
    state: str
    percent: int
    amount: str
    progress_text: str
    details: tuple[str, ...]
    source: tuple[str, ...]
    expiry: str
    note: str
    actions: tuple[Action, ...]
    remedy: Remedy | None
    kind: str
    picture: str

    @property
    def speed(self) -> str:
        return self.download.labels.speed

    @property
    def eta(self) -> str:
        return self.download.labels.eta

    @property
    def is_measured(self) -> bool:
        """True if the bar shows a share of the whole, not only activity."""
        return self.download.status != "running" or self.download.bytes_total is not None

    @property
    def is_moving(self) -> bool:
        """True if it changes without an action of its user."""
        return self.download.status in ("queued", "running")

    @property
    def waits(self) -> bool:
        return self.download.status == "queued"

    @property
    def is_playable(self) -> bool:
        return self.download.status == "completed" and self.kind in ("video", "audio")


def card_of(
    download: DownloadPayload,
    now: dt.datetime,
    qualities: Iterable[Quality] = (),
    is_playlist: bool = False,
) -> Card:
    """Return the card of a download.

    ``qualities``: those on offer, as far as known; ``is_playlist``: the link turned out to be a
    playlist.
    """
    percent, amount = int(download.progress), download.labels.amount
    actions, expiry = ACTIONS[download.status], download.labels.expires
    return Card(
        download=download,
        key=str(download.id),
        state=download.labels.status,
        percent=percent,
        amount=amount,
        progress_text=f"{percent} percent, {amount}" if amount else f"{percent} percent",
        details=tuple(_details(download, now)),
        source=tuple(_source(download)),
        expiry=expiry,
        note=download.labels.note,
        actions=(KEEP, *actions) if expiry else actions,
        remedy=_remedy(download, qualities, is_playlist),
        kind=_kind(download),
        picture=download.thumbnail_url if is_shown(download.thumbnail_url) else "",
    )


def _details(download: DownloadPayload, now: dt.datetime) -> list[str]:
    """Return its place in the queue by age, or the time since it completed."""
    if download.labels.place:
        return [download.labels.place]
    if download.completed_at is not None:
        age = (now - download.completed_at).total_seconds()
        return ["just now" if age < 60 else f"{humanize.wait_in_words(age)} ago"]
    return []


def host_in_words(url: str) -> str:
    """Return the host of the URL, and the port of a loopback one: the rest may have a password."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return parts.netloc.rpartition("@")[2] if host in _LOOPBACK else host


def _source(download: DownloadPayload) -> list[str]:
    """Return duration, quality and host, each if known."""
    facts = (download.labels.duration, _quality(download), host_in_words(download.source_url))
    return [fact for fact in facts if fact]


def _quality(download: DownloadPayload) -> str:
    """Return the resolved quality, else the requested one; empty for ``auto``."""
    quality = download.resolved_quality or download.quality
    return "" if quality is Quality.AUTO else str(quality)


def _remedy(
    download: DownloadPayload, qualities: Iterable[Quality], is_playlist: bool
) -> Remedy | None:
    if download.status != "failed":
        return None
    if is_playlist:
        return Remedy("Choose what to download", is_playlist=True)
    lower = lower_quality(qualities, download.resolved_quality or download.quality)
    if download.error_code in LESS and lower is not None:
        return Remedy(f"Try {lower}", quality=lower)
    if download.error_code == "login_required":
        site = (urlsplit(download.source_url).hostname or "").removeprefix("www.")
        return Remedy("Add cookies", href=f"cookies/?{urlencode({'site': site})}")
    if download.error_code in ROOM:
        return Remedy("Make room", href="?tab=completed")
    if download.error_code in OTHER_LINK:
        return Remedy("Edit link", href=f"?{urlencode({'url': download.source_url})}")
    return None


def lower_quality(qualities: Iterable[Quality], quality: Quality) -> Quality | None:
    """Return the next lower quality, or None; for ``auto``, which is the best, the second."""
    ladder = sorted({one for one in qualities if one.height is not None}, key=_height, reverse=True)
    if quality is Quality.AUTO:
        ladder = ladder[1:]
    elif quality.height is None:
        return None
    else:
        ladder = [one for one in ladder if _height(one) < _height(quality)]
    return ladder[0] if ladder else None


def _height(quality: Quality) -> int:
    return quality.height or 0


def is_shown(url: str) -> bool:
    """Return True if the pages' content security policy allows an image from this URL."""
    return url.startswith("https://") or (url.startswith("/") and not url.startswith("//"))


def _kind(download: DownloadPayload) -> str:
    """Return ``video``, ``audio`` or ``file``: the icon if there is no thumbnail."""
    kind = kind_of(download.source_url, download.mime_type)
    return "audio" if kind == "file" and download.quality is Quality.AUDIO else kind


def kind_of(url: str, mime_type: str | None = None) -> str:
    """Return ``video``, ``audio`` or ``file``, by the type, else by the URL's extension."""
    kind = (mime_type or mimetypes.guess_type(urlsplit(url).path)[0] or "").partition("/")[0]
    return kind if kind in ("video", "audio") else "file"
