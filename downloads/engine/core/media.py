"""Frozen values that cross borders: a source's offer, and the selection from it.

All of it is plain data. The resolver creates these, the runner carries them, the transfer engine
consumes them; none of the three needs to know the other two.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from downloads.engine.core.byte_range import ByteRange
from downloads.engine.core.languages import canonical
from downloads.engine.core.po_token_use import PoTokenUse


class Quality(StrEnum):
    """A quality that a user may request. ``auto`` is the best on offer."""

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
        """Return the requested height in pixels; None for ``auto`` and ``audio``."""
        return int(self[:-1]) if self[:-1].isdigit() else None


class StreamKind(StrEnum):
    """The kind of tracks in a stream."""

    MUXED = "muxed"
    VIDEO = "video"
    AUDIO = "audio"


class Protocol(StrEnum):
    """The way in which a stream's bytes are fetched."""

    FILE = "file"  # one URL, byte ranges of it
    HLS = "hls"  # ``url`` is a media playlist (RFC 8216)
    DASH = "dash"  # ``url`` is an MPD, ``representation`` says which of its streams
    FRAGMENTS = "fragments"  # ``fragments`` lists them


@dataclass(frozen=True, slots=True)
class Validators:
    """Validators that identify one version of the bytes at the source (RFC 9110, section 8.8).

    ``etag`` is a *strong* one with its quotes, or None: a weak one cannot pin a byte range.
    ``size`` is in bytes; None if the source does not give it.
    """

    etag: str | None = None
    last_modified: str | None = None
    size: int | None = None

    @property
    def if_range(self) -> str | None:
        """Return the value for an ``If-Range`` header, or None if nothing pins the version."""
        return self.etag or self.last_modified

    @property
    def revision(self) -> str:
        """Return a short key of this version; empty if the source gives no validator."""
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


# Begin and end of the part that is shown, in seconds of the film; None if nothing lies beyond.
Window = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class Fragment:
    """One piece of a stream, as the source cut it. ``range`` is of ``url``; None for all. ``url``
    may be a ``data:`` URL.

    ``duration`` is in seconds. An ``init`` fragment holds the header of those that follow. ``part``
    counts up if the next ones may not simply be appended: another init, a discontinuity. ``offset``
    is in seconds: added to the time in the media it gives the time in the film (DASH: the period's
    start less its presentationTimeOffset); None if the list has none. ``window``: the part of the
    film that it may lie in, if that ends at a border. ``alternates``: other URLs of the same bytes,
    the preferred first. ``optional``: it may be missing at the source, by whose own arithmetic it
    is empty.
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
    """The fragments of one stream, in playing order.

    ``key`` is equal if the fragments are the same although the URLs' signatures differ: it decides
    if a checkpoint is still valid. ``container``: ``ts``, ``mp4``, ``webm``, ``aac``, ``mp3``, ...
    of the fragments. ``url`` is that of the list itself: secret headers go to that origin alone,
    and to none if it is empty. ``gaps``: stretches for which the source itself has nothing, as
    (start, length) in seconds. ``ended``: the list says that nothing more will come.
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

    ``url`` is the final one (after redirects) and may carry a signature: never log it whole.
    ``chunk_size``: the largest range, in bytes, that the source allows in one request. ``offset``
    and ``alternates`` of a whole file are as a Fragment's; of a list, ``alternates`` are other URLs
    of the same list. ``variables``: of an HLS master, names and values, for the list to import.
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
        """Return the stream with another of its URLs first; ``turn`` 0 changes nothing."""
        places = (self.url, *self.alternates)
        turn %= len(places)
        url, *alternates = places[turn:] + places[:turn]
        return replace(self, url=url, alternates=tuple(alternates))


@dataclass(frozen=True, slots=True)
class Format:
    """A candidate that the source offers.

    ``bitrate`` is in bits per second. ``estimate`` is a size in bytes if the exact one is not
    known. ``dynamic_range``: ``SDR``, ``HDR10``, ``HLG``, ``DV``. ``language`` is a BCP 47 tag of
    the sound; ``preference`` ranks sounds: the original 10, unknown 0, dubbed -10.
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
        """Return the size in bytes, exact if the source gives it."""
        return self.estimate if self.stream.size is None else self.stream.size

    @property
    def size_is_estimate(self) -> bool:
        return self.stream.size is None and self.estimate is not None


@dataclass(frozen=True, slots=True)
class Subtitle:
    """A subtitle track on offer. ``language`` is a BCP 47 tag; ``automatic``: made by a machine.
    ``ext``: vtt, srt, ttml, mp4.

    ``forced``: of foreign speech alone; ``described``: sounds too, for the deaf.
    ``representation``: its id in an MPD. ``offset`` is as a Fragment's; ``alternates``: other URLs
    of the same. ``variables`` as of a Stream.
    """

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
    """A chapter. ``start`` and ``end`` in seconds."""

    start: float
    end: float
    title: str


@dataclass(frozen=True, slots=True)
class Source:
    """The result of resolving a URL.

    ``identity`` is ``extractor:host:id``, or names the URL itself if the id is not trustworthy: two
    URLs with one identity are one content. ``duration`` is in seconds, ``published`` an ISO date.
    ``page_url`` is the page for people. ``notes``: why something that the source lists is not on
    offer, a sentence each. ``po_token``: None if no provider is set for this site.
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
    po_token: PoTokenUse | None = None

    @property
    def facts(self) -> Source:
        """Return the source without its offer: the metadata of the finished file."""
        return replace(self, formats=(), subtitles=())


@dataclass(frozen=True, slots=True)
class Selection:
    """One or two formats of a source, chosen by the requested quality and options.

    ``audio_codec``: the codec to re-encode the sound to (``mp3``); empty to keep it. ``language``:
    the requested one of the sound, if no format declares it: a track within one may have it.
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
        """Return a key that is equal for equal results: of the formats and of the processing."""
        chosen = "+".join(chosen.id for chosen in self.formats)
        languages = ",".join(subtitle.language for subtitle in self.subtitles)
        made = [f".{self.ext}"] * self.is_processed + [f"sub:{languages}"] * bool(languages)
        if self.is_processed and self.language:
            made.append(f"sound:{canonical(self.language)}")
        return " ".join([chosen, *made])

    @property
    def spoken(self) -> str:
        """Return the language of the sound as the source declares it; empty if it does not."""
        return next((each.language for each in reversed(self.formats) if each.language), "")

    @property
    def is_processed(self) -> bool:
        """Return if ffmpeg has to make the file; else it is stored unchanged."""
        streams = self.streams
        whole = len(streams) == 1 and streams[0].protocol is Protocol.FILE
        as_it_is = whole and self.ext == self.formats[0].ext and not self.audio_codec
        return not as_it_is

    @property
    def streams(self) -> tuple[Stream, ...]:
        return tuple(chosen.stream for chosen in self.formats)

    @property
    def size(self) -> int | None:
        """Return the size in bytes; an estimate if ``size_is_estimate``."""
        sizes = [chosen.size for chosen in self.formats]
        return None if None in sizes else sum(size for size in sizes if size is not None)

    @property
    def size_is_estimate(self) -> bool:
        return self.is_processed or any(chosen.size_is_estimate for chosen in self.formats)

    @property
    def revision(self) -> str:
        """Return the version of all chosen bytes; empty if that of one stream is unknown."""
        return combined_revision(stream.validators for stream in self.streams)


def combined_revision(validators: Iterable[Validators]) -> str:
    """Return one key for the version of several streams; empty if that of one is unknown."""
    revisions = [each.revision for each in validators]
    if not all(revisions):
        return ""
    return hashlib.sha256("\n".join(revisions).encode()).hexdigest()[:32]
