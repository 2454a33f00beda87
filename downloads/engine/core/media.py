"""The frozen values that cross borders: what a source offers and what of it was chosen.

Everything here is plain data. The resolver makes these, the runner carries them, the
transfer engine consumes them; none of the three needs to know the other two.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from downloads.engine.core.byte_range import ByteRange
from downloads.engine.core.languages import canonical


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


class Protocol(StrEnum):
    """How the bytes of a stream come."""

    FILE = "file"  # one URL, byte ranges of it
    HLS = "hls"  # ``url`` is a media playlist (RFC 8216)
    DASH = "dash"  # ``url`` is an MPD, ``representation`` says which of its streams
    FRAGMENTS = "fragments"  # ``fragments`` lists them


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
class Encryption:
    """AES in CBC mode with PKCS #7 padding over a whole fragment (RFC 8216, 4.3.2.4).

    ``iv`` is in hex, 32 digits. ``method``: ``AES-128``, ``AES-256`` or ``AES-256-CTR``, the last
    without padding."""

    key_url: str
    iv: str
    method: str = "AES-128"


# Begin and end of what is shown, in seconds of the film; None where nothing lies beyond.
Window = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece that the source cut. ``range`` is of ``url``; None for all.
    ``url`` may be a ``data:`` URL.

    ``duration`` is in seconds. An ``init`` fragment holds the header of what follows it. ``part``
    counts up where what follows may not simply be appended: another init, a discontinuity.
    ``offset`` is in seconds: what is added to the time in the media gives the time in the film
    (DASH: the period's start less its presentationTimeOffset); None where the list has no such.
    ``window``: the part of the film that it may lie in, where that ends at a border.
    ``alternates``: other URLs of the same bytes, the preferred first. ``optional``: it may be
    missing at the source, by whose own arithmetic there is nothing in it.
    """

    url: str
    range: ByteRange | None = None
    encryption: Encryption | None = None
    duration: float = 0.0
    init: bool = False
    part: int = 0
    offset: float | None = None
    window: Window | None = None
    alternates: tuple[str, ...] = ()
    optional: bool = False


@dataclass(frozen=True, slots=True)
class FragmentList:
    """The pieces of one stream, in playing order. ``key`` is equal where the pieces are the same
    although the URLs' signatures differ: what a checkpoint is worth is decided by it.

    ``container``: ``ts``, ``mp4``, ``webm``, ``aac``, ``mp3``, ... as the pieces are.
    ``url`` is where the list itself was: what of the headers is secret goes to that origin
    alone, and to none where it is empty. ``gaps``: where the source itself has nothing, as
    (start, length) in seconds. ``ended``: it says that nothing is to come any more.
    """

    fragments: tuple[Fragment, ...]
    container: str
    key: str
    headers: tuple[tuple[str, str], ...] = ()
    url: str = ""
    gaps: tuple[tuple[float, float], ...] = ()
    ended: bool = True

    @property
    def duration(self) -> float:
        return sum(fragment.duration for fragment in self.fragments)


@dataclass(frozen=True, slots=True)
class Stream:
    """One URL to fetch, with the headers that it needs.

    ``url`` is where the bytes finally are (after redirects) and may carry a signature:
    never log it whole. ``chunk_size``: the source wants no longer range at once, in bytes.
    ``offset`` and ``alternates`` of a whole file are as a Fragment's; of a list, ``alternates``
    are where the same list is too. ``variables``: of an HLS master, names and values, for the
    list to import.
    """

    url: str
    headers: tuple[tuple[str, str], ...] = ()
    kind: StreamKind = StreamKind.MUXED
    validators: Validators = field(default_factory=Validators)
    accepts_ranges: bool = False
    protocol: Protocol = Protocol.FILE
    representation: str = ""
    fragments: tuple[Fragment, ...] = ()
    chunk_size: int | None = None
    offset: float | None = None
    alternates: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()

    @property
    def size(self) -> int | None:
        return self.validators.size

    def beginning_at(self, turn: int) -> Stream:
        """The same, with another of its places first; ``turn`` 0 is as it is."""
        places = (self.url, *self.alternates)
        turn %= len(places)
        url, *alternates = places[turn:] + places[:turn]
        return replace(self, url=url, alternates=tuple(alternates))


@dataclass(frozen=True, slots=True)
class Format:
    """A candidate that the source offers.

    ``bitrate`` is in bits per second. ``estimate`` is a size in bytes where the exact one is not
    known. ``dynamic_range``: ``SDR``, ``HDR10``, ``HLG``, ``DV``. ``language`` is a BCP 47 tag
    of the sound; ``preference`` tells sounds apart: the original 10, unknown 0, dubbed -10.
    """

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
    bitrate: float | None = None
    estimate: int | None = None
    dynamic_range: str = "SDR"
    language: str = ""
    preference: int = 0

    @property
    def size(self) -> int | None:
        """In bytes, exact where the source says it."""
        return self.estimate if self.stream.size is None else self.stream.size

    @property
    def size_is_estimate(self) -> bool:
        return self.stream.size is None and self.estimate is not None


@dataclass(frozen=True, slots=True)
class Subtitle:
    """``language`` is a BCP 47 tag; ``automatic``: made by a machine. ``ext``: vtt, srt, ttml,
    mp4. ``forced``: of foreign speech alone; ``described``: sounds too, for the deaf.
    ``representation``: which one of an MPD's. ``offset`` is as a Fragment's; ``alternates``: other
    addresses of the same. ``variables`` as of a Stream."""

    language: str
    url: str
    ext: str
    name: str = ""
    automatic: bool = False
    headers: tuple[tuple[str, str], ...] = ()
    protocol: Protocol = Protocol.FILE
    representation: str = ""
    forced: bool = False
    described: bool = False
    offset: float | None = None
    alternates: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Chapter:
    """``start`` and ``end`` in seconds."""

    start: float
    end: float
    title: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a playlist. ``duration`` in seconds. ``identity`` as of a Source, or empty."""

    url: str
    title: str
    duration: float | None = None
    thumbnail_url: str = ""
    identity: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """What a playlist or channel URL holds, from ``start`` on (counted from 0).

    ``total`` is None where the source does not say; ``more``: there is something after these.
    ``for_players``: it is a list that a player begins at once, and offers nothing to choose.
    """

    identity: str
    title: str
    entries: tuple[Entry, ...]
    start: int = 0
    total: int | None = None
    more: bool = False
    thumbnail_url: str = ""
    for_players: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """What resolving a URL found.

    ``identity`` is ``extractor:host:id``, or names the URL itself where anybody may have chosen
    the id: two URLs with one identity are one content.
    ``duration`` is in seconds, ``published`` an ISO date. ``page_url`` is where a person sees it.
    ``notes``: why something is not on offer that the source lists, a sentence each.
    """

    identity: str
    title: str
    formats: tuple[Format, ...]
    thumbnail_url: str = ""
    duration: float | None = None
    page_url: str = ""
    uploader: str = ""
    published: str = ""
    description: str = ""
    subtitles: tuple[Subtitle, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def facts(self) -> Source:
        """Without what is on offer: what the finished file is told about itself."""
        return replace(self, formats=(), subtitles=())


@dataclass(frozen=True, slots=True)
class Selection:
    """What a wanted quality and the options came to on this source: one or two formats chosen.

    ``audio_codec``: what the sound is to be re-encoded to (``mp3``); empty to keep it.
    ``language``: asked for of the sound where no format is said to have it: a track within one may.
    """

    formats: tuple[Format, ...]
    quality: Quality
    ext: str
    mime_type: str
    subtitles: tuple[Subtitle, ...] = ()
    audio_codec: str = ""
    language: str = ""

    @property
    def key(self) -> str:
        """Equal for equal results: of the formats and of what is made of them."""
        chosen = "+".join(chosen.id for chosen in self.formats)
        languages = ",".join(subtitle.language for subtitle in self.subtitles)
        made = [f".{self.ext}"] * self.is_processed + [f"sub:{languages}"] * bool(languages)
        if self.is_processed and self.language:
            made.append(f"sound:{canonical(self.language)}")
        return " ".join([chosen, *made])

    @property
    def is_processed(self) -> bool:
        """Whether ffmpeg has to make the file; else it is stored as it came."""
        streams = self.streams
        whole = len(streams) == 1 and streams[0].protocol is Protocol.FILE
        as_it_is = whole and self.ext == self.formats[0].ext and not self.audio_codec
        return not as_it_is

    @property
    def streams(self) -> tuple[Stream, ...]:
        return tuple(chosen.stream for chosen in self.formats)

    @property
    def size(self) -> int | None:
        """In bytes; an estimate where ``size_is_estimate``."""
        sizes = [chosen.size for chosen in self.formats]
        return None if None in sizes else sum(size for size in sizes if size is not None)

    @property
    def size_is_estimate(self) -> bool:
        return self.is_processed or any(chosen.size_is_estimate for chosen in self.formats)

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
