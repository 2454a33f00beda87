"""The frozen values that cross borders: what a source offers and what of it was chosen.

Everything here is plain data. The resolver makes these, the runner carries them, the
transfer engine consumes them; none of the three needs to know the other two.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum


class Quality(StrEnum):
    """What a user may ask for. ``auto`` is the best on offer."""

    AUTO = "auto"
    P2160 = "2160p"
    P1440 = "1440p"
    P1080 = "1080p"
    P720 = "720p"
    P480 = "480p"
    P360 = "360p"
    AUDIO = "audio"

    @property
    def height(self) -> int | None:
        """The height in pixels that was asked for; None for ``auto`` and ``audio``."""
        return int(self[:-1]) if self[:-1].isdigit() else None


class StreamKind(StrEnum):
    MUXED = "muxed"
    VIDEO = "video"
    AUDIO = "audio"


class Phase(StrEnum):
    """What a running rendition is doing, for display only."""

    RESOLVING = "resolving"
    DOWNLOADING = "downloading"
    PROCESSING = "processing"
    STORING = "storing"


@dataclass(frozen=True, slots=True)
class Validators:
    """What tells one version of the bytes at the source from another (RFC 9110, section 8.8).

    ``etag`` is a *strong* one with its quotes, or None: a weak one cannot pin a byte range.
    ``size`` is in bytes; None where the source does not say.
    """

    etag: str | None = None
    last_modified: str | None = None
    size: int | None = None

    @property
    def if_range(self) -> str | None:
        """The value for an ``If-Range`` header, or None where nothing pins the version."""
        return self.etag or self.last_modified

    @property
    def revision(self) -> str:
        """A short key of this version; empty where the source gave nothing to tell by."""
        if not (self.etag or self.last_modified or self.size is not None):
            return ""
        facts = "\n".join((self.etag or "", self.last_modified or "", str(self.size)))
        return hashlib.sha256(facts.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Stream:
    """One URL to fetch, with the headers that it needs.

    ``url`` is where the bytes finally are (after redirects) and may carry a signature:
    never log it whole.
    """

    url: str
    headers: tuple[tuple[str, str], ...] = ()
    kind: StreamKind = StreamKind.MUXED
    validators: Validators = field(default_factory=Validators)
    accepts_ranges: bool = False

    @property
    def size(self) -> int | None:
        return self.validators.size


@dataclass(frozen=True, slots=True)
class Format:
    """A candidate that the source offers."""

    id: str
    stream: Stream
    ext: str
    mime_type: str = "application/octet-stream"
    quality: Quality = Quality.AUTO
    height: int | None = None
    width: int | None = None
    fps: float | None = None
    video_codec: str | None = None
    audio_codec: str | None = None
    size_is_estimate: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """What resolving a URL found.

    ``identity`` is ``extractor:id``: two URLs with one identity are one content.
    ``duration`` is in seconds.
    """

    identity: str
    title: str
    formats: tuple[Format, ...]
    thumbnail_url: str = ""
    duration: float | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """What a wanted quality came to on this source: the formats chosen, one or two."""

    formats: tuple[Format, ...]
    quality: Quality
    ext: str
    mime_type: str

    @property
    def key(self) -> str:
        return "+".join(chosen.id for chosen in self.formats)

    @property
    def streams(self) -> tuple[Stream, ...]:
        return tuple(chosen.stream for chosen in self.formats)

    @property
    def size(self) -> int | None:
        sizes = [stream.size for stream in self.streams]
        return None if None in sizes else sum(size for size in sizes if size is not None)

    @property
    def revision(self) -> str:
        """The version of all the bytes chosen; empty where one stream cannot be told."""
        return combined_revision(stream.validators for stream in self.streams)


def combined_revision(validators: Iterable[Validators]) -> str:
    """One key for the version of several streams; empty where one of them cannot be told."""
    revisions = [each.revision for each in validators]
    if not all(revisions):
        return ""
    return hashlib.sha256("\n".join(revisions).encode()).hexdigest()[:32]
