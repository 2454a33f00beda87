"""The jailed child's answer, validated. It has read an untrusted page: nothing in it is trusted.

Types are strict and lengths bounded; a single format, subtitle or entry that breaks the rules is
left out, anything else makes the whole answer a BadResponse.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from msgspec import Meta

from downloads.engine.core.errors import BadResponse
from downloads.engine.core.po_token_use import PoTokenUse
from downloads.engine.egress.target import MAX_URL
from downloads.engine.resolver.untrusted import (
    UNICODE,
    Count,
    Kind,
    Pixels,
    UntrustedDataError,
    UntrustedStruct,
    Word,
    read,
)

# Extractors for any page. Their ids are the last part of a path: two pages may share one.
ANY_PAGE = frozenset({"Generic", "HTML5MediaEmbed", "QuotedHTML"})
MAX_FRAGMENTS = 20_000
MAX_FORMATS = 1000
MAX_SUBTITLES = 1000
MAX_CHAPTERS = 2000
MAX_ENTRIES = 1000

Line = Annotated[str, Meta(max_length=2000, pattern=UNICODE)]
Text = Annotated[str, Meta(max_length=20_000, pattern=UNICODE)]
Url = Annotated[str, Meta(max_length=MAX_URL, pattern=UNICODE)]
Seconds = Annotated[float, Meta(ge=0, le=10**8)]
Kilobits = Annotated[float, Meta(ge=0, le=10**9)]
HeaderValue = Annotated[str, Meta(max_length=16_384, pattern=UNICODE)]


class RawFormat(UntrustedStruct, frozen=True):
    """One of yt-dlp's formats, with its field names. ``cookie`` is a header's value for ``url``.

    ``fragments`` are URLs, relative to ``fragment_base_url`` if there is one; ``durations`` of the
    fragments, in seconds.
    """

    format_id: Word
    url: Url
    protocol: Word
    ext: Word = ""
    vcodec: Word | None = None
    acodec: Word | None = None
    width: Pixels | None = None
    height: Pixels | None = None
    fps: Annotated[float, Meta(ge=0, le=10_000)] | None = None
    tbr: Kilobits | None = None
    filesize: Count | None = None
    filesize_approx: Count | None = None
    http_headers: Annotated[dict[Word, HeaderValue], Meta(max_length=50)] = {}
    cookie: HeaderValue = ""
    language: Word | None = None
    language_preference: Annotated[int, Meta(ge=-(10**6), le=10**6)] | None = None
    dynamic_range: Word | None = None
    chunk_size: Annotated[int, Meta(gt=0, le=2**40 - 1)] | None = None
    fragment_base_url: Url | None = None
    fragments: Annotated[list[Url], Meta(max_length=MAX_FRAGMENTS)] = []
    durations: Annotated[list[Seconds], Meta(max_length=MAX_FRAGMENTS)] = []
    available_at: Annotated[float, Meta(ge=0, le=10**11)] | None = None  # Unix time
    unusual: bool = False  # encrypted or assembled in a way that only yt-dlp's own loader knows


class RawSubtitle(UntrustedStruct, frozen=True):
    language: Word
    url: Url
    ext: Word
    name: Line = ""
    automatic: bool = False
    protocol: Word = ""


class RawChapter(UntrustedStruct, frozen=True):
    start: Seconds
    end: Seconds
    title: Line


class RawEntry(UntrustedStruct, frozen=True):
    url: Url
    title: Line
    key: Word = ""
    id: Line = ""
    duration: Seconds | None = None
    thumbnail: Url | None = None


class RawVideo(UntrustedStruct, frozen=True):
    """One video. ``key`` is the extractor's, ``upload_date`` is YYYYMMDD. ``po_token``: None if no
    provider is set for it."""

    key: Word
    id: Line
    title: Line
    page_url: Url | None = None
    thumbnail: Url | None = None
    duration: Seconds | None = None
    uploader: Line = ""
    upload_date: Word | None = None
    description: Text = ""
    live: bool = False
    http_headers: dict[Word, HeaderValue] = {}
    formats: list[Any] = []
    subtitles: list[Any] = []
    chapters: list[Any] = []
    po_token: PoTokenUse | None = None


class RawPlaylist(UntrustedStruct, frozen=True):
    """A playlist. ``entries`` from the requested one on; ``more``: there is at least one after
    these."""

    key: Word
    id: Line
    title: Line
    page_url: Url | None = None
    thumbnail: Url | None = None
    total: Annotated[int, Meta(ge=0, le=10**9)] | None = None
    more: bool = False
    entries: list[Any] = []


class ExtractionFailure(UntrustedStruct, frozen=True):
    """A failure of yt-dlp: the class of its error and its cause, its message, and the HTTP status.

    ``expected``: it is about the source, not a bug in yt-dlp. ``warnings``: those logged before.
    """

    kind: Word
    message: Text
    cause: Word = ""
    expected: bool = True
    status: Annotated[int, Meta(ge=100, le=999)] | None = None
    retry_after: Line = ""
    warnings: list[Line] = []
    po_token: PoTokenUse | None = None


_KINDS: dict[str, type[RawVideo] | type[RawPlaylist] | type[ExtractionFailure]] = {
    "info": RawVideo,
    "playlist": RawPlaylist,
    "failure": ExtractionFailure,
}


def read_answer(answer: Any) -> RawVideo | RawPlaylist | ExtractionFailure:
    """Return the validated answer. Raises BadResponse."""
    if not isinstance(answer, dict) or len(answer) != 1:
        raise BadResponse("the extractor's answer is none")
    kind, content = next(iter(answer.items()))
    if kind not in _KINDS:
        raise BadResponse("the extractor's answer is of no kind")
    try:
        return read(_KINDS[kind], content)
    except UntrustedDataError as error:
        raise BadResponse(f"the extractor's answer: {error}") from None


def read_site(answer: Any) -> str:
    """Return the name of an extractor, or empty. Raises BadResponse."""
    if not isinstance(answer, str) or len(answer) > 200:
        raise BadResponse("the extractor's answer is no name")
    return answer


def read_each(kind: type[Kind], values: Sequence[Any], most: int) -> list[Kind]:
    """Return the valid ones of the first ``most``."""
    found = []
    for value in values[:most]:
        try:
            found.append(read(kind, value))
        except UntrustedDataError:
            continue
    return found
