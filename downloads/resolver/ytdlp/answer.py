"""What the jailed child may say. It has read a stranger's page: nothing in it is trusted.

Types are strict and lengths bounded; a single format, subtitle or entry that breaks the rules is
left out, anything else makes the whole answer a BadResponse.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from downloads.egress.target import MAX_URL
from downloads.exceptions import BadResponse
from downloads.resolver.text import without_controls

# Extractors for any page. Their ids are the last part of a path: two pages may share one.
ANY_PAGE = frozenset({"Generic", "HTML5MediaEmbed", "QuotedHTML"})
MAX_FRAGMENTS = 20_000
MAX_FORMATS = 1000
MAX_SUBTITLES = 1000
MAX_CHAPTERS = 2000
MAX_ENTRIES = 1000

Word = Annotated[str, Field(max_length=200), AfterValidator(without_controls)]
Line = Annotated[str, Field(max_length=2000)]
Text = Annotated[str, Field(max_length=20_000)]
Url = Annotated[str, Field(max_length=MAX_URL)]
Seconds = Annotated[float, Field(ge=0, le=10**8)]
Bytes = Annotated[int, Field(ge=0, lt=2**63)]
Pixels = Annotated[int, Field(gt=0, le=100_000)]
Kilobits = Annotated[float, Field(ge=0, le=10**9)]
HeaderValue = Annotated[str, Field(max_length=16_384)]


class _Said(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)


class FormatSaid(_Said):
    """One of yt-dlp's formats; names as there. ``cookie`` is a header's value for ``url``.

    ``fragments`` are URLs, relative to ``fragment_base_url`` where there is one; ``durations``
    are theirs, in seconds.
    """

    format_id: Word
    url: Url
    protocol: Word
    ext: Word = ""
    vcodec: Word | None = None
    acodec: Word | None = None
    width: Pixels | None = None
    height: Pixels | None = None
    fps: Annotated[float, Field(ge=0, le=10_000)] | None = None
    tbr: Kilobits | None = None
    filesize: Bytes | None = None
    filesize_approx: Bytes | None = None
    http_headers: Annotated[dict[Word, HeaderValue], Field(max_length=50)] = {}
    cookie: HeaderValue = ""
    language: Word | None = None
    language_preference: Annotated[int, Field(ge=-(10**6), le=10**6)] | None = None
    dynamic_range: Word | None = None
    chunk_size: Annotated[int, Field(gt=0, lt=2**40)] | None = None
    fragment_base_url: Url | None = None
    fragments: Annotated[list[Url], Field(max_length=MAX_FRAGMENTS)] = []
    durations: Annotated[list[Seconds], Field(max_length=MAX_FRAGMENTS)] = []
    available_at: Annotated[float, Field(ge=0, le=10**11)] | None = None  # Unix time
    unusual: bool = False  # encrypted or assembled in a way that only yt-dlp's own loader knows


class SubtitleSaid(_Said):
    language: Word
    url: Url
    ext: Word
    name: Line = ""
    automatic: bool = False
    protocol: Word = ""


class ChapterSaid(_Said):
    start: Seconds
    end: Seconds
    title: Line


class EntrySaid(_Said):
    url: Url
    title: Line
    key: Word = ""
    id: Line = ""
    duration: Seconds | None = None
    thumbnail: Url | None = None


class Info(_Said):
    """One video. ``key`` is the extractor's, ``upload_date`` is YYYYMMDD."""

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


class Playlist(_Said):
    """``entries`` from the one asked for on; ``more``: there is at least one after these."""

    key: Word
    id: Line
    title: Line
    page_url: Url | None = None
    thumbnail: Url | None = None
    total: Annotated[int, Field(ge=0, le=10**9)] | None = None
    more: bool = False
    entries: list[Any] = []


class Failure(_Said):
    """Why yt-dlp could not: the class of its error and its cause, its sentence, and HTTP's say.

    ``expected``: it is about the source, not a bug in yt-dlp. ``warnings``: what it said before.
    """

    kind: Word
    message: Text
    cause: Word = ""
    expected: bool = True
    status: Annotated[int, Field(ge=100, le=999)] | None = None
    retry_after: Line = ""
    warnings: list[Line] = []


Said = TypeVar("Said", bound=_Said)
_KINDS: dict[str, type[Info] | type[Playlist] | type[Failure]] = {
    "info": Info,
    "playlist": Playlist,
    "failure": Failure,
}


def read_answer(answer: Any) -> Info | Playlist | Failure:
    """Raises BadResponse."""
    if not isinstance(answer, dict) or len(answer) != 1:
        raise BadResponse("the extractor's answer is none")
    kind, said = next(iter(answer.items()))
    if kind not in _KINDS:
        raise BadResponse("the extractor's answer is of no kind")
    try:
        return _KINDS[kind].model_validate(said)
    except ValidationError as error:
        raise BadResponse(f"the extractor's answer: {_briefly(error)}") from None


def read_site(answer: Any) -> str:
    """The name of an extractor, or empty. Raises BadResponse."""
    if not isinstance(answer, str) or len(answer) > 200:
        raise BadResponse("the extractor's answer is no name")
    return answer


def read_each(kind: type[Said], values: Sequence[Any], most: int) -> list[Said]:
    """Those that keep the rules, of the first ``most``."""
    found = []
    for value in values[:most]:
        try:
            found.append(kind.model_validate(value))
        except ValidationError:
            continue
    return found


def _briefly(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"[:200]
