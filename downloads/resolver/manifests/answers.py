"""What the jailed child may say about a manifest. It has read a stranger's text: types are strict,
lengths and numbers bounded, and one thing out of bounds makes the whole manifest a bad one."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from downloads.egress.target import MAX_URL
from downloads.resolver.manifests.limits import MAX_FRAGMENTS, MAX_VARIANTS
from downloads.resolver.manifests.refusals import broken
from downloads.resolver.text import without_controls

Word = Annotated[str, Field(max_length=200), AfterValidator(without_controls)]
Line = Annotated[str, Field(max_length=1000), AfterValidator(without_controls)]
Uri = Annotated[str, Field(min_length=1, max_length=MAX_URL)]
Seconds = Annotated[float, Field(ge=0, le=10**7)]
Place = Annotated[int, Field(ge=0, lt=MAX_FRAGMENTS)]
Count = Annotated[int, Field(ge=0, lt=2**63)]
Pixels = Annotated[int, Field(gt=0, le=100_000)]
Rate = Annotated[float, Field(gt=0, le=10_000)]
Bits = Annotated[float, Field(ge=0, le=10**12)]


class _Said(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)


class KeySaid(_Said):
    """AES-128. ``iv`` in hex, 32 digits; empty where the sequence number is it."""

    uri: Uri
    iv: Annotated[str, Field(pattern=r"^([0-9a-f]{32})?$")] = ""


class MapSaid(_Said):
    """``byterange`` as in the list: length[@offset]. ``key``: a place in the list's keys."""

    uri: Uri
    byterange: Word = ""
    key: Place | None = None


class SegmentSaid(_Said):
    uri: Uri
    seconds: Seconds
    byterange: Word = ""
    key: Place | None = None
    map: Place | None = None
    discontinuity: bool = False
    gap: bool = False


class MediaPlaylist(_Said):
    """``sequence``: the number of its first segment. ``protected``: by more than AES-128."""

    ended: bool
    protected: bool
    sequence: Count
    keys: Annotated[list[KeySaid], Field(max_length=MAX_FRAGMENTS)]
    maps: Annotated[list[MapSaid], Field(max_length=MAX_FRAGMENTS)]
    segments: Annotated[list[SegmentSaid], Field(max_length=MAX_FRAGMENTS)]

    @property
    def duration(self) -> float:
        return sum(segment.seconds for segment in self.segments)


class VariantSaid(_Said):
    """``bandwidth`` in bits a second, of all that is played together; the average if known."""

    uri: Uri
    bandwidth: Bits | None = None
    width: Pixels | None = None
    height: Pixels | None = None
    fps: Rate | None = None
    codecs: Word = ""
    video_range: Word = ""
    audio: Word = ""


class TrackSaid(_Said):
    """EXT-X-MEDIA: a sound or subtitles. ``uri`` empty: it is in the variants themselves."""

    kind: Word
    group: Word
    uri: Annotated[str, Field(max_length=MAX_URL)] = ""
    language: Word = ""
    name: Word = ""
    default: bool = False
    forced: bool = False
    characteristics: Line = ""


class Master(_Said):
    protected: bool
    title: Line
    variants: Annotated[list[VariantSaid], Field(max_length=MAX_VARIANTS)]
    tracks: Annotated[list[TrackSaid], Field(max_length=MAX_VARIANTS)]


class PieceSaid(_Said):
    url: Uri
    seconds: Seconds = 0.0
    range: Annotated[list[Count], Field(min_length=2, max_length=2)] | None = None
    init: bool = False
    part: Place = 0


class RepresentationSaid(_Said):
    """``url``: a whole file; empty where it comes in ``pieces``, told only if asked for.

    ``kind``: video, audio or text. ``roles``: DASH's, space-separated.
    """

    id: Word
    kind: Word
    ext: Word
    url: Annotated[str, Field(max_length=MAX_URL)] = ""
    pieces: Annotated[list[PieceSaid], Field(max_length=MAX_FRAGMENTS)] = []
    width: Pixels | None = None
    height: Pixels | None = None
    fps: Rate | None = None
    bandwidth: Bits | None = None
    video_codec: Word = ""
    audio_codec: Word = ""
    dynamic_range: Word = ""
    language: Word = ""
    roles: Word = ""
    size: Count | None = None
    protected: bool = False


class Presentation(_Said):
    """``split``: something is on offer in each period, but nothing in all of them."""

    live: bool
    split: bool
    duration: Seconds | None
    title: Line
    representations: Annotated[list[RepresentationSaid], Field(max_length=MAX_VARIANTS)]


Said = TypeVar("Said", bound=_Said)


def read_playlist(answer: Any) -> Master | MediaPlaylist:
    """Raises BadManifest."""
    if isinstance(answer, dict) and "variants" in answer:
        return _read(Master, answer)
    return _read(MediaPlaylist, answer)


def read_presentation(answer: Any) -> Presentation:
    """Raises BadManifest."""
    return _read(Presentation, answer)


def _read(kind: type[Said], answer: Any) -> Said:
    try:
        return kind.model_validate(answer)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise broken(f"{where}: {first['msg']}"[:200]) from None
