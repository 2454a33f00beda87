"""Fields that take one JSON type each, and the object that holds them.

An unknown field is refused, and so is a value of another JSON type, which REST framework's own
fields would convert.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar, Final, cast

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from downloads.api.errors import SHOWN_ERRORS
from downloads.engine.core.options import Options

LONGEST_KEPT: Final = 3650  # days


class JsonField:
    """A field that takes one JSON type, ``json``; None: the field checks it itself."""

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


class Cursor(Text):
    """A cursor of one of our lists; the paginator checks it."""

    def run_validators(self, value: Any) -> None:
        pass


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
    """One of the qualities, or ``auto``."""


class Moment(JsonField, serializers.DateTimeField):
    """A future time with its zone."""

    json = str
    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": "It should be a time with its zone, such as 2030-01-31T12:00:00Z.",
        "in_the_past": "Give a time that is still to come.",
        "too_far": f"Give a time within {LONGEST_KEPT} days, or null to keep it permanently.",
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
    """Raise ValidationError if ``tag`` is no BCP 47 tag."""
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
        """Return the items; check the length first: a body may hold thousands of errors."""
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
    ``none`` and ``both`` are the messages if that is violated; ``unknown`` are code and message of
    a field that there is not.
    """

    json = dict
    exactly_one: ClassVar[tuple[str, ...]] = ()
    something: ClassVar[bool] = False
    none: ClassVar[str] = ""
    both: ClassVar[str] = ""
    unknown: ClassVar[tuple[str, str]] = (
        "unknown_field",
        "There is no such field. Known here: {}.",
    )
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
                    code, detail = self.unknown
                    known = ", ".join(self.fields) or "none"
                    errors[name] = [ErrorDetail(detail.format(known), code)]
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
