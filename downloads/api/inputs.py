"""What clients may send. Closed, camelCase and strict about JSON's types, as the payloads are."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Any, Final, Literal, TypeVar, get_args

import pydantic
from django.utils import timezone
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails, PydanticCustomError
from rest_framework.exceptions import ErrorDetail, ValidationError

from downloads import conf
from downloads.engine.core.media import Quality
from downloads.engine.core.options import MOST_SUBTITLES, Options
from downloads.schemas import WebhookEvent

LONGEST_KEPT: Final = 3650  # days
LINK_LASTS: Final = 86_400  # seconds, where the client does not say
TITLE_LONGEST: Final = 500  # characters
SEARCH_LONGEST: Final = 200  # characters
SHOWN_ERRORS: Final = 20  # a body can hold thousands of mistakes


def _without_nul(text: str) -> str:
    if "\0" in text:  # PostgreSQL takes none in a text
        raise PydanticCustomError("null_characters_not_allowed", "Leave out the NUL characters.")
    return text


def _in_the_future(time: dt.datetime) -> dt.datetime:
    now = timezone.now()
    if time <= now:
        raise PydanticCustomError("in_the_past", "Give a time that is still to come.")
    if time > now + dt.timedelta(days=LONGEST_KEPT):
        raise PydanticCustomError(
            "too_far", f"Give a time within {LONGEST_KEPT} days, or null to keep it for good."
        )
    return time


Text = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_without_nul)]
Title = Annotated[Text, StringConstraints(max_length=TITLE_LONGEST)]
Secret = Annotated[str, Field(min_length=1, max_length=4096), AfterValidator(_without_nul)]
Whole = Annotated[int, Field(strict=True)]
Id = Annotated[uuid.UUID, Field(strict=False)]


class RequestModel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True)


class Credentials(RequestModel):
    username: Annotated[Text, StringConstraints(min_length=1, max_length=150)]
    password: Secret


def _language(tag: str) -> str:
    try:
        return Options(language=tag).language
    except ValueError as error:
        raise PydanticCustomError("invalid", str(error).removesuffix(".")) from None


Language = Annotated[Text, AfterValidator(_language)]


class NewOptions(RequestModel):
    """``container``: what the file is to be; ``audio``: what the sound of quality ``audio`` is
    re-encoded to; ``subtitles``: languages, as ``en`` or ``pt-BR``, or ``all``; ``language``: of
    the sound. Null or left out: as the source has it."""

    container: Literal["mp4", "mkv", "webm"] | None = None
    audio: Literal["mp3"] | None = None
    subtitles: Annotated[list[Language], Field(max_length=MOST_SUBTITLES)] | None = None
    language: Language | None = None

    @property
    def chosen(self) -> Options:
        return Options(
            container=self.container or "",
            audio=self.audio or "",
            subtitles=tuple(dict.fromkeys(self.subtitles or ())),
            language=self.language or "",
        )


class NewDownload(RequestModel):
    """Exactly one of ``contentId`` and ``url``."""

    content_id: Id | None = None
    url: Text | None = None
    quality: Quality = Quality.AUTO
    expires_in_days: Annotated[Whole, Field(ge=1, le=LONGEST_KEPT)] | None = None
    options: NewOptions | None = None

    @property
    def requested(self) -> Options:
        return Options() if self.options is None else self.options.chosen

    @pydantic.model_validator(mode="after")
    def _exactly_one(self) -> NewDownload:
        if self.content_id is None and self.url is None:
            raise PydanticCustomError("required", "Send a url, or the contentId of known content.")
        if self.content_id is not None and self.url is not None:
            raise PydanticCustomError("invalid", "Send either contentId or url, not both.")
        return self


class DownloadChange(RequestModel):
    """``expiresAt``: a time with its zone, or null to keep it for good. ``priority``: staff."""

    expires_at: Annotated[AwareDatetime, AfterValidator(_in_the_future)] | None = None
    priority: Annotated[Whole, Field(ge=-32_768, le=32_767)] = 0

    @pydantic.model_validator(mode="after")
    def _something(self) -> DownloadChange:
        if not self.model_fields_set:
            raise PydanticCustomError("required", "Send expiresAt or priority.")
        return self


class Actions(RequestModel):
    action: Literal["cancel", "pause", "resume", "retry", "delete"]
    ids: Annotated[list[Id], Field(min_length=1, max_length=conf.MAX_ACTIONS)]


class EntryChoice(RequestModel):
    """What to take of a playlist: ``entries`` by their ids, or ``all`` that are known."""

    entries: Annotated[list[Id], Field(min_length=1, max_length=conf.MAX_ACTIONS)] | None = None
    all: Annotated[bool, Field(strict=True)] = False
    quality: Quality = Quality.AUTO
    expires_in_days: Annotated[Whole, Field(ge=1, le=LONGEST_KEPT)] | None = None
    options: NewOptions | None = None

    @property
    def requested(self) -> Options:
        return Options() if self.options is None else self.options.chosen

    @pydantic.model_validator(mode="after")
    def _exactly_one(self) -> EntryChoice:
        if not self.all and self.entries is None:
            raise PydanticCustomError("required", "Send the ids of the entries, or all: true.")
        if self.all and self.entries is not None:
            raise PydanticCustomError("invalid", "Send either entries or all: true, not both.")
        return self


class GroupAction(RequestModel):
    action: Literal["cancel", "pause", "resume", "retry"]


class NewCookies(RequestModel):
    """``text``: a cookies.txt file (Netscape), a browser's export in JSON, or a ``Cookie:``
    header. ``site``: as ``example.com``; needed where they are of several sites, or a header."""

    text: Annotated[str, Field(min_length=1), AfterValidator(_without_nul)]
    site: Annotated[Text, StringConstraints(max_length=300)] = ""


Events = Annotated[list[WebhookEvent], Field(min_length=1, max_length=50)]
Description = Annotated[Text, StringConstraints(max_length=200)]


class NewWebhook(RequestModel):
    """``events``: which of them; left out: all. ``secret``: `whsec_` and Base64 of 24 to 64 bytes;
    left out: one is made."""

    url: Text
    events: Events | None = None
    description: Description = ""
    secret: Annotated[Text, StringConstraints(max_length=200)] | None = None


class WebhookChange(RequestModel):
    """What is left out stays. ``enabled``: true begins anew with what happens from now on."""

    url: Text = ""
    events: Events = []
    description: Description = ""
    enabled: Annotated[bool, Field(strict=True)] = True

    @pydantic.model_validator(mode="after")
    def _something(self) -> WebhookChange:
        if not self.model_fields_set:
            raise PydanticCustomError("required", "Send url, events, description or enabled.")
        return self


class NewLink(RequestModel):
    expires_in_seconds: Annotated[Whole, Field(ge=1, le=conf.LINK_LONGEST)] = LINK_LASTS


class NewContent(RequestModel):
    """``title``: as the user wants to call it."""

    url: Text
    title: Title = ""


class Query(RequestModel):
    """Other parameters, as ``cursor``, are let pass."""

    model_config = ConfigDict(extra="ignore")

    search: Annotated[Text, StringConstraints(max_length=SEARCH_LONGEST)] = ""


class DownloadQuery(Query):
    tab: Literal["active", "completed", "failed"] | None = None
    group: Id | None = None


T = TypeVar("T", bound=RequestModel)


def read(model: type[T], data: Any) -> T:
    """Raises ValidationError (400): per field a stable code and a sentence."""
    try:
        return model.model_validate(data)
    except pydantic.ValidationError as error:
        found = error.errors(include_url=False, include_input=False)[:SHOWN_ERRORS]
        raise ValidationError(_by_field(found, model)) from None


def read_query(model: type[T], query: Any) -> T:
    """An empty parameter is one that was not sent."""
    return read(model, {name: value for name, value in query.items() if value})


def _by_field(found: list[ErrorDetails], model: type[RequestModel]) -> dict[str, list[ErrorDetail]]:
    details: dict[str, list[ErrorDetail]] = {}
    for error in found:
        attr = ".".join(str(part) for part in error["loc"])[:100]
        details.setdefault(attr or "non_field_errors", []).append(_detail(error, model))
    return details


def _detail(error: ErrorDetails, model: type[RequestModel]) -> ErrorDetail:
    """Pydantic's findings by the names that REST framework's clients know."""
    expected = str(error.get("ctx", {}).get("expected", "")).replace("'", "").replace(" or ", ", ")
    match error["type"]:
        case "missing":
            return ErrorDetail("This is needed. Send it.", "required")
        case "extra_forbidden" | "invalid_key":
            known = ", ".join(_fields_at(model, error["loc"]))
            return ErrorDetail(f"There is no such field. Known here: {known}.", "unknown_field")
        case "enum" | "literal_error":
            return ErrorDetail(f"Choose one of: {expected}.", "invalid_choice")
        case "model_type" | "model_attributes_type":
            return ErrorDetail("Send a JSON object, in curly brackets.", "invalid")
    code = _CODES.get(error["type"], "invalid")
    sentence = error["msg"].replace("Input should", "It should").removesuffix(_END)
    return ErrorDetail(sentence + _END, code)  # pydantic's own have no full stop


def _fields_at(model: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    """What may stand where ``path`` leads: its last name is the one that is not known."""
    fields = {str(field.alias): field for field in model.model_fields.values()}
    inner = fields[str(path[0])].annotation if len(path) > 1 and str(path[0]) in fields else None
    for kind in get_args(inner):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return _fields_at(kind, path[1:])
    return list(fields)


_END: Final = "."
_CODES: Final = {
    "string_too_long": "max_length",
    "string_too_short": "min_length",
    "too_long": "max_length",
    "too_short": "min_length",
    "greater_than_equal": "min_value",
    "less_than_equal": "max_value",
    "required": "required",
    "in_the_past": "in_the_past",
    "too_far": "too_far",
    "null_characters_not_allowed": "null_characters_not_allowed",
}
