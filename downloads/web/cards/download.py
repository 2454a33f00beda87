"""What the page says of a download. Pure: a payload in, words out."""

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

# What the user can do about a failure, beside asking again.
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

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})  # the sample is there


@dataclass(frozen=True, slots=True)
class Remedy:
    """The way out of a failure: another quality to ask for, or else where to go.

    ``is_playlist``: to the listing of what turned out to be one."""

    label: str
    href: str = ""
    quality: Quality | None = None
    is_playlist: bool = False


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
        """Whether the bar can say how far it is, not only that something happens."""
        return self.download.status != "running" or self.download.bytes_total is not None

    @property
    def is_moving(self) -> bool:
        """Whether it changes without anybody asking it to."""
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
    offered: Iterable[Quality] = (),
    is_playlist: bool = False,
) -> Card:
    """``offered``: what the source has of it, as far as that is known; ``is_playlist``: that what
    was asked for is none of one thing."""
    percent, amount = int(download.progress), download.labels.amount
    actions, expiry = ACTIONS[download.status], download.labels.expires
    return Card(
        download=download,
        state=download.labels.status,
        percent=percent,
        amount=amount,
        progress_text=f"{percent} percent, {amount}" if amount else f"{percent} percent",
        details=tuple(_details(download, now)),
        source=tuple(_source(download)),
        expiry=expiry,
        note=download.labels.note,
        actions=(KEEP, *actions) if expiry else actions,
        remedy=_remedy(download, offered, is_playlist),
        kind=_kind(download),
        picture=download.thumbnail_url if is_shown(download.thumbnail_url) else "",
    )


def _details(download: DownloadPayload, now: dt.datetime) -> list[str]:
    """Return its place in the queue by age, or since when it is there."""
    if download.labels.place:
        return [download.labels.place]
    if download.completed_at is not None:
        age = (now - download.completed_at).total_seconds()
        return ["just now" if age < 60 else f"{humanize.wait_in_words(age)} ago"]
    return []


def host_in_words(url: str) -> str:
    """Where it comes from. The host alone: a URL may carry a password."""
    host = urlsplit(url).hostname or ""
    return "this server" if host in _LOOPBACK else host


def _source(download: DownloadPayload) -> list[str]:
    """What it is and where it comes from."""
    facts = (download.labels.duration, _quality(download), host_in_words(download.source_url))
    return [fact for fact in facts if fact]


def _quality(download: DownloadPayload) -> str:
    """What it came to, or what was asked for; nothing where neither says anything."""
    quality = download.resolved_quality or download.quality
    return "" if quality is Quality.AUTO else str(quality)


def _remedy(
    download: DownloadPayload, offered: Iterable[Quality], is_playlist: bool
) -> Remedy | None:
    if download.status != "failed":
        return None
    if is_playlist:
        return Remedy("Choose what to download", is_playlist=True)
    lower = lower_quality(offered, download.resolved_quality or download.quality)
    if download.error_code in LESS and lower is not None:
        return Remedy(f"Try {lower}", quality=lower)
    if download.error_code == "login_required":
        site = (urlsplit(download.source_url).hostname or "").removeprefix("www.")
        return Remedy("Add cookies", href=f"cookies/?{urlencode({'site': site})}")
    if download.error_code in ROOM:
        return Remedy("Make room", href="?tab=completed")
    if download.error_code in OTHER_LINK:
        return Remedy("Change the link", href=f"?{urlencode({'url': download.source_url})}")
    return None


def lower_quality(offered: Iterable[Quality], wanted: Quality) -> Quality | None:
    """The next below; below ``auto``, which is the best, the second. None where there is none."""
    ladder = sorted({one for one in offered if one.height is not None}, key=_height, reverse=True)
    if wanted is Quality.AUTO:
        ladder = ladder[1:]
    elif wanted.height is None:
        return None
    else:
        ladder = [one for one in ladder if _height(one) < _height(wanted)]
    return ladder[0] if ladder else None


def _height(quality: Quality) -> int:
    return quality.height or 0


def is_shown(url: str) -> bool:
    """The pages' content security policy lets nothing else pass."""
    return url.startswith("https://") or (url.startswith("/") and not url.startswith("//"))


def _kind(download: DownloadPayload) -> str:
    """``video``, ``audio`` or ``file``: the picture where there is no thumbnail."""
    kind = kind_of(download.source_url, download.mime_type)
    return "audio" if kind == "file" and download.quality is Quality.AUDIO else kind


def kind_of(url: str, mime_type: str | None = None) -> str:
    """By its type, or by what the URL's ending promises."""
    kind = (mime_type or mimetypes.guess_type(urlsplit(url).path)[0] or "").partition("/")[0]
    return kind if kind in ("video", "audio") else "file"
