"""The jailed child's answers about a manifest, validated. The child has read untrusted text: types
are strict, lengths and numbers bounded, and one value out of bounds invalidates the whole
manifest."""

from __future__ import annotations

from itertools import chain
from typing import Annotated, Any, Literal

from msgspec import Meta

from downloads.engine.egress.target import MAX_URL
from downloads.engine.resolver.manifests.limits import (
    MAX_GAPS,
    MAX_LINKS,
    MAX_MIRRORS,
    MAX_PERIODS,
    MAX_SECONDS,
    MAX_SEGMENTS,
    MAX_VARIABLES,
    MAX_VARIABLES_LENGTH,
    MAX_VARIANTS,
)
from downloads.engine.resolver.manifests.refusals import broken
from downloads.engine.resolver.manifests.segment_flags import DISCONTINUITY, GAP
from downloads.engine.resolver.untrusted import (
    CLEANED,
    UNICODE,
    Count,
    Kind,
    Pixels,
    UntrustedDataError,
    UntrustedStruct,
    Word,
    read,
)

Line = Annotated[str, Meta(max_length=1000, pattern=UNICODE, extra=CLEANED)]
Uri = Annotated[str, Meta(min_length=1, max_length=MAX_URL, pattern=UNICODE)]
UriOrNone = Annotated[str, Meta(max_length=MAX_URL, pattern=UNICODE)]
# As written in an HLS playlist: a data: URI may be as long as the whole.
_HLS_URI = rf"\A(?:(?i:data):[^\ud800-\udfff]*|[^\ud800-\udfff]{{0,{MAX_URL}}})\Z"
HlsUri = Annotated[str, Meta(min_length=1, pattern=_HLS_URI)]
HlsUriOrNone = Annotated[str, Meta(pattern=_HLS_URI)]
Seconds = Annotated[float, Meta(ge=0, le=MAX_SECONDS)]
Place = Annotated[int, Meta(ge=0, lt=MAX_SEGMENTS)]
Rate = Annotated[float, Meta(gt=0, le=10_000)]
Bits = Annotated[float, Meta(ge=0, le=10**12)]
Bases = Annotated[list[Uri], Meta(min_length=1, max_length=MAX_MIRRORS)]
Clock = Annotated[float, Meta(ge=0, le=10**18)]
Span = Annotated[list[Count], Meta(min_length=2, max_length=2)]
Shift = Annotated[float, Meta(ge=-(10**18), le=10**7)]


class RawKey(UntrustedStruct, frozen=True):
    """A key of an HLS playlist. ``iv`` in hex, 32 digits; empty if it is the sequence number."""

    uri: HlsUri
    iv: Annotated[str, Meta(pattern=r"\A([0-9a-f]{32})?\Z")] = ""
    method: Literal["AES-128", "AES-256", "AES-256-CTR"] = "AES-128"


class RawMap(UntrustedStruct, frozen=True):
    """An initialization section. ``byterange`` as in the list: length[@offset]. ``key``: an index
    into the list's keys."""

    uri: HlsUri
    byterange: Word = ""
    key: Place | None = None


class RawSegment(UntrustedStruct, frozen=True, array_like=True):
    """A segment as a row, since there may be many. ``key`` and ``map`` are indexes into the list's
    own."""

    uri: HlsUri
    seconds: Seconds = 0.0
    byterange: Word = ""
    key: Place | None = None
    map: Place | None = None
    flags: Annotated[int, Meta(ge=0, le=DISCONTINUITY | GAP)] = 0

    @property
    def discontinuity(self) -> bool:
        return bool(self.flags & DISCONTINUITY)

    @property
    def gap(self) -> bool:
        return bool(self.flags & GAP)


class MediaPlaylist(UntrustedStruct, frozen=True):
    """A media playlist. ``sequence``: the number of its first segment. ``protected``: by a key that
    is not available. ``skipped``: segments that a delta update leaves out. ``stills``: single
    pictures for seeking."""

    ended: bool
    protected: bool
    keys: Annotated[list[RawKey], Meta(max_length=MAX_SEGMENTS)]
    maps: Annotated[list[RawMap], Meta(max_length=MAX_SEGMENTS)]
    segments: Annotated[list[RawSegment], Meta(min_length=1, max_length=MAX_SEGMENTS)]
    sequence: Count = 0
    skipped: Count = 0
    stills: bool = False

    @property
    def duration(self) -> float:
        """The duration in seconds, as the list claims it."""
        return sum(segment.seconds for segment in self.segments)


class RawVariant(UntrustedStruct, frozen=True):
    """A variant. ``bandwidth`` in bits a second, of all that is played together; the average if
    known."""

    uri: HlsUri
    bandwidth: Bits | None = None
    width: Pixels | None = None
    height: Pixels | None = None
    fps: Rate | None = None
    codecs: Word = ""
    video_range: Word = ""
    audio: Word = ""


class RawTrack(UntrustedStruct, frozen=True):
    """An EXT-X-MEDIA: a sound or subtitles. An empty ``uri``: it is in the variants themselves."""

    kind: Word
    group: Word
    uri: HlsUriOrNone = ""
    language: Word = ""
    name: Word = ""
    default: bool = False
    forced: bool = False
    characteristics: Line = ""


_Text = Annotated[str, Meta(max_length=MAX_VARIABLES_LENGTH, pattern=UNICODE)]
Variable = tuple[_Text, _Text]


class Master(UntrustedStruct, frozen=True):
    """A master playlist. ``variables``: names and values, for the playlists that import them."""

    title: Line
    variables: Annotated[list[Variable], Meta(max_length=MAX_VARIABLES)]
    variants: Annotated[list[RawVariant], Meta(max_length=MAX_VARIANTS)]
    tracks: Annotated[list[RawTrack], Meta(max_length=MAX_VARIANTS)]


class RawPiece(UntrustedStruct, frozen=True):
    """A piece of a DASH representation. ``url`` is relative to the bases of its ``part``; empty for
    the base itself. ``window``: only this range of the file's own clock is used, located by the
    file's index, which is at the byte range ``index``."""

    url: UriOrNone
    seconds: Seconds = 0.0
    range: Span | None = None
    index: Span | None = None
    window: tuple[Clock, Clock] | None = None
    init: bool = False
    optional: bool = False
    part: Place = 0


RawWindow = tuple[Clock | None, Clock | None]


class RawRepresentation(UntrustedStruct, frozen=True):
    """A DASH representation. ``bases``: per part the URLs of its mirrors, the preferred first;
    ``offsets``: per part the seconds added to its media times; ``windows``: per part, if any, begin
    and end of the shown range, in seconds of the film, if it ends at a border. ``whole``: it is the
    one file at its base. ``pieces``: filled only on request.

    ``kind``: video, audio or text. ``roles``: DASH's, space-separated. ``gaps``: (start, length)
    in seconds.
    """

    id: Word
    kind: Word
    ext: Word
    bases: Annotated[list[Bases], Meta(min_length=1, max_length=MAX_PERIODS)]
    offsets: Annotated[list[Shift], Meta(min_length=1, max_length=MAX_PERIODS)]
    windows: Annotated[list[RawWindow], Meta(max_length=MAX_PERIODS)] = []
    whole: bool = False
    pieces: Annotated[list[RawPiece], Meta(max_length=MAX_SEGMENTS + MAX_PERIODS)] = []
    gaps: Annotated[list[tuple[Seconds, Seconds]], Meta(max_length=MAX_GAPS)] = []
    width: Pixels | None = None
    height: Pixels | None = None
    fps: Rate | None = None
    bandwidth: Bits | None = None
    video_codec: Word = ""
    audio_codec: Word = ""
    dynamic_range: Word = ""
    language: Word = ""
    roles: Word = ""
    label: Word = ""
    size: Count | None = None
    protected: bool = False

    @property
    def url(self) -> str:
        """The URL of the whole file; empty if it comes in pieces."""
        return self.bases[0][0] if self.whole else ""


class Presentation(UntrustedStruct, frozen=True):
    """A DASH presentation. ``split``: something is on offer in each period, but nothing in all of
    them. ``links``: to be fetched first; nothing else is filled then. ``lost``: remote periods that
    could not be fetched."""

    live: bool
    split: bool
    duration: Seconds | None
    title: Line
    representations: Annotated[list[RawRepresentation], Meta(max_length=MAX_VARIANTS)]
    links: Annotated[list[Uri], Meta(max_length=MAX_LINKS)] = []
    lost: Count = 0


def read_playlist(answer: Any) -> Master | MediaPlaylist:
    """Return the playlist in ``answer``. Raises BadManifest."""
    if isinstance(answer, dict) and "variants" in answer:
        master = _read(Master, answer)
        if sum(map(len, chain.from_iterable(master.variables))) > MAX_VARIABLES_LENGTH:
            raise broken("more variables than were asked for")
        return master
    return _read(MediaPlaylist, answer)


def read_presentation(answer: Any) -> Presentation:
    """Return the presentation in ``answer``. Raises BadManifest."""
    return _read(Presentation, answer)


def _read(kind: type[Kind], answer: Any) -> Kind:
    try:
        return read(kind, answer)
    except UntrustedDataError as error:
        raise broken(str(error)) from None
