"""The bodies and queries that clients send: closed, and strict about JSON's types.

The fields are named as on the wire. An unknown field is refused, and so is a value of another JSON
type, which REST framework's own fields would convert. ``downloads.api.errors`` shapes the errors.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar, Final, cast

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

from downloads import conf
from downloads.api.errors import SHOWN_ERRORS
from downloads.engine.core.media import Quality
from downloads.engine.core.options import CONTAINERS, MOST_SUBTITLES, SOUNDS, Options
from downloads.querysets import TABS
from downloads.schemas import WEBHOOK_EVENTS

LONGEST_KEPT: Final = 3650  # days
LINK_LASTS: Final = 86_400  # seconds, if the client does not say
TITLE_LONGEST: Final = 500  # characters
SEARCH_LONGEST: Final = 200  # characters
VERBS: Final = ("cancel", "pause", "resume", "retry")


class JsonField:
    """A field that takes one JSON type, ``json``; None: any, it looks itself."""

    json: ClassVar[type | None] = None
    default_error_messages: ClassVar[dict[str, Any]] = {
        "required": "This is needed. Send it.",
        "null": "It should have a value. Send one instead of null.",
        "blank": "It should not be empty. Send some text.",
    }


class Text(JsonField, serializers.CharField):
    json = str
    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": "It should be a valid string.",
        "max_length": "It should have at most {max_length} characters.",
    }


class Whole(JsonField, serializers.IntegerField):
    json = int
    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": "It should be a valid integer.",
        "min_value": "It should be greater than or equal to {min_value}.",
        "max_value": "It should be less than or equal to {max_value}.",
    }


class Flag(JsonField, serializers.BooleanField):
    json = bool
    default_error_messages: ClassVar[dict[str, Any]] = {"invalid": "It should be true or false."}


class Id(JsonField, serializers.UUIDField):
    json = str
    default_error_messages: ClassVar[dict[str, Any]] = {"invalid": "It should be a valid UUID."}


class Choice(JsonField, serializers.ChoiceField):
    """One of several texts. Null is none of them, unless it is allowed."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid_choice": "Choose one of: {choices}."
    }

    def fail(self, key: str, **facts: Any) -> Any:
        code = "invalid_choice" if key == "null" else key
        return super().fail(code, **facts, choices=", ".join(map(str, self.choices)))


@extend_schema_field({"$ref": "#/components/schemas/Quality"})  # as the payloads name it
class QualityChoice(Choice):
    """What a user may ask for."""


class Moment(JsonField, serializers.DateTimeField):
    """A time to come, with its zone."""

    json = str
    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": "It should be a time with its zone, such as 2030-01-31T12:00:00Z.",
        "in_the_past": "Give a time that is still to come.",
        "too_far": f"Give a time within {LONGEST_KEPT} days, or null to keep it for good.",
    }

    def enforce_timezone(self, value: dt.datetime) -> dt.datetime:
        """Refuse a time without a zone, and leave the others in theirs."""
        now = timezone.now()
        if value.utcoffset() is None:
            self.fail("invalid")
        if value <= now:
            self.fail("in_the_past")
        if value > now + dt.timedelta(days=LONGEST_KEPT):
            self.fail("too_far")
        return value


def check_language(tag: str) -> None:
    """Raise ValidationError for what is no BCP 47 tag."""
    try:
        Options(language=tag)
    except ValueError as error:
        raise ValidationError(str(error), "invalid") from None


class Language(Text):
    default_validators = [check_language]


class Several(JsonField, serializers.ListField):
    json = list
    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": "It should be a valid list.",
        "min_length": "It should not be empty. Send at least {min_length}.",
        "max_length": "It should have at most {max_length} items.",
    }

    def to_internal_value(self, data: Any) -> list[Any]:
        """Look at the length first: a body can hold thousands of mistakes."""
        if self.max_length is not None and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        kind = getattr(self.child, "json", None)
        wrong = [place for place, one in enumerate(data) if kind and type(one) is not kind]
        if wrong:
            error = ErrorDetail(str(self.child.error_messages["invalid"]), "invalid")
            raise ValidationError({str(place): [error] for place in wrong})
        return super().to_internal_value(data)


class Input(JsonField, serializers.Serializer[Any]):
    """A JSON object with these fields and no other.

    ``exactly_one``: one of these fields is sent; ``something``: at least one of all fields is.
    ``none`` and ``both`` are the sentences for what breaks that.
    """

    json = dict
    exactly_one: ClassVar[tuple[str, ...]] = ()
    something: ClassVar[bool] = False
    none: ClassVar[str] = ""
    both: ClassVar[str] = ""
    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": "Send a JSON object, in curly brackets.",
    }

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        fitting, errors = data, {}
        if isinstance(data, dict):
            fitting = {}
            for name, value in data.items():
                field: Any = self.fields.get(name)
                if field is None:
                    unknown = f"There is no such field. Known here: {', '.join(self.fields)}."
                    errors[name] = [ErrorDetail(unknown, "unknown_field")]
                elif field.json and value is not None and type(value) is not field.json:
                    errors[name] = [ErrorDetail(field.error_messages["invalid"], "invalid")]
                else:
                    fitting[name] = value
                if len(errors) == SHOWN_ERRORS:
                    break
        try:
            given: dict[str, Any] = super().to_internal_value(fitting)
        except ValidationError as error:
            raise ValidationError({**cast("dict[str, Any]", error.detail), **errors}) from None
        if errors:
            raise ValidationError(errors)
        sent = [name for name in self.exactly_one if given.get(name) not in (None, False)]
        if len(sent) > 1:
            raise ValidationError({"non_field_errors": [ErrorDetail(self.both, "invalid")]})
        if (self.exactly_one and not sent) or (self.something and not given):
            raise ValidationError({"non_field_errors": [ErrorDetail(self.none, "required")]})
        return given


class Credentials(Input):
    """A name and a password."""

    username = Text(max_length=150)
    password = Text(max_length=4096, trim_whitespace=False)


class NewOptions(Input):
    """What is asked for beyond the quality. Null or left out: as the source has it."""

    container = Choice(CONTAINERS, required=False, allow_null=True, help_text="Of the file.")
    audio = Choice(
        SOUNDS,
        required=False,
        allow_null=True,
        help_text="What the sound of quality `audio` is re-encoded to.",
    )
    subtitles = Several(
        child=Language(),
        max_length=MOST_SUBTITLES,
        required=False,
        allow_null=True,
        help_text="Languages, as `en` or `pt-BR`, or `all`.",
    )
    language = Language(
        required=False, allow_null=True, allow_blank=True, help_text="Of the sound."
    )

    def to_internal_value(self, data: Any) -> Any:
        """Return the Options that these are."""
        given = super().to_internal_value(data)
        return Options(
            container=given.get("container") or "",
            audio=given.get("audio") or "",
            subtitles=tuple(dict.fromkeys(given.get("subtitles") or ())),
            language=given.get("language") or "",
        )


class NewDownload(Input):
    """Exactly one of `contentId` and `url`."""

    exactly_one = ("contentId", "url")
    none = "Send a url, or the contentId of known content."
    both = "Send either contentId or url, not both."

    contentId = Id(required=False, allow_null=True)
    url = Text(required=False, allow_null=True, allow_blank=True)
    quality = QualityChoice(list(Quality), default=Quality.AUTO)
    expiresInDays = Whole(required=False, allow_null=True, min_value=1, max_value=LONGEST_KEPT)
    options = NewOptions(required=False, allow_null=True)


class DownloadChange(Input):
    """What is left out stays."""

    something = True
    none = "Send expiresAt or priority."

    expiresAt = Moment(required=False, allow_null=True, help_text="Null keeps it for good.")
    priority = Whole(
        required=False, min_value=-32_768, max_value=32_767, help_text="Set by staff alone."
    )


class Actions(Input):
    """One action on many downloads."""

    action = Choice((*VERBS, "delete"))
    ids = Several(child=Id(), min_length=1, max_length=conf.MAX_ACTIONS)


class EntryChoice(Input):
    """What to take of a playlist: `entries` by their ids, or `all` that are known."""

    exactly_one = ("entries", "all")
    none = "Send the ids of the entries, or all: true."
    both = "Send either entries or all: true, not both."

    entries = Several(
        child=Id(), required=False, allow_null=True, min_length=1, max_length=conf.MAX_ACTIONS
    )
    all = Flag(default=False)
    quality = QualityChoice(list(Quality), default=Quality.AUTO)
    expiresInDays = Whole(required=False, allow_null=True, min_value=1, max_value=LONGEST_KEPT)
    options = NewOptions(required=False, allow_null=True)


class GroupAction(Input):
    """One action on all downloads of a group."""

    action = Choice(VERBS)


class NewCookies(Input):
    """Cookies for the fetches from one site."""

    text = Text(
        trim_whitespace=False,
        help_text="A cookies.txt file (Netscape), a browser's export in JSON, or a `Cookie:` "
        "header.",
    )
    site = Text(
        max_length=300,
        allow_blank=True,
        default="",
        help_text="As `example.com`; needed if the cookies are of several sites, or a header.",
    )


class NewWebhook(Input):
    """An address that is told what happens."""

    url = Text(allow_blank=True)
    events = Several(
        child=Choice(WEBHOOK_EVENTS),
        required=False,
        allow_null=True,
        min_length=1,
        max_length=50,
        help_text="Which are sent; left out: all.",
    )
    description = Text(max_length=200, allow_blank=True, default="")
    secret = Text(
        max_length=200,
        required=False,
        allow_null=True,
        allow_blank=True,
        help_text="`whsec_` and Base64 of 24 to 64 bytes; left out: one is made.",
    )


class WebhookChange(Input):
    """What is left out stays."""

    something = True
    none = "Send url, events, description or enabled."

    url = Text(required=False, allow_blank=True)
    events = Several(child=Choice(WEBHOOK_EVENTS), required=False, min_length=1, max_length=50)
    description = Text(max_length=200, required=False, allow_blank=True)
    enabled = Flag(required=False, help_text="True starts again with what happens from now on.")


class NewLink(Input):
    """A link that works without signing in."""

    expiresInSeconds = Whole(min_value=1, max_value=conf.LINK_LONGEST, default=LINK_LASTS)


class NewContent(Input):
    """Something that can be downloaded."""

    url = Text(allow_blank=True)
    title = Text(
        max_length=TITLE_LONGEST,
        allow_blank=True,
        default="",
        help_text="What the user calls it.",
    )


class Search(serializers.Serializer[Any]):
    """Query parameters. Others, as ``cursor``, are let pass; an empty one is as good as none."""

    search = Text(
        allow_blank=True,
        max_length=SEARCH_LONGEST,
        default="",
        help_text="Words of the title or parts of the URL.",
    )

    @classmethod
    def of(cls, request: Request) -> dict[str, Any]:
        """Return the values by name. Raises ValidationError."""
        query = cls(data={name: one for name, one in request.query_params.items() if one})
        query.is_valid(raise_exception=True)
        given: dict[str, Any] = query.validated_data
        return given


class DownloadSearch(Search):
    tab = Choice(
        list(TABS), required=False, help_text="active: queued, running, paused; else all of them."
    )
    group = Id(required=False, help_text="Only those chosen from this playlist, see `groups/`.")
