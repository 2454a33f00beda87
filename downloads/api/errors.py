"""Every failure as ``{"type", "errors": [{"code", "detail", "attr"}]}``.

The shape is drf-standardized-errors'; ``attr`` is the field's name in camelCase, as it was sent,
and null if it is about the whole request.
"""

from __future__ import annotations

from typing import Any, Final

from django.core.exceptions import (
    ObjectDoesNotExist,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.db import InterfaceError, OperationalError
from django.http import Http404, UnreadablePostError
from drf_standardized_errors.formatter import ExceptionFormatter
from drf_standardized_errors.handler import ExceptionHandler as StandardHandler
from drf_standardized_errors.types import Error, ErrorResponse
from rest_framework import exceptions, status

from downloads.engine.core.errors import BlockedAddress, DownloadError, UnsupportedURL
from downloads.schemas import Payload
from downloads.services import InvalidState
from downloads.storage.errors import FileLost

DATABASE_RETRY_AFTER: Final = 2  # seconds
SHOWN_ERRORS: Final = 20  # a body can hold thousands of mistakes
ATTR_LONGEST: Final = 100  # characters

NOT_FOUND = "There is nothing of yours at this address. Check the id; it may have been deleted."
SIGN_IN = "Sign in, or send a token: Authorization: Bearer <token> (POST /api/v1/auth/login/)."
NO_OBJECT = "Send a JSON object, in curly brackets."
INTERNAL = "Something went wrong on our side. Try again, or tell an administrator."

# code of a DownloadError that a request may meet -> status; any other is a conflict
_STATUS_OF: Final = {
    "storage_unavailable": status.HTTP_503_SERVICE_UNAVAILABLE,
    "disk_full": status.HTTP_503_SERVICE_UNAVAILABLE,
    "internal": status.HTTP_500_INTERNAL_SERVER_ERROR,
}

# REST framework's codes that clients of this API know by another name
_CODES: Final = {"null": "invalid", "not_a_list": "invalid", "blank": "min_length"}


class ApiError(exceptions.APIException):
    """A refusal with a status, a stable code and a sentence. ``wait``: seconds, Retry-After."""

    def __init__(
        self, status_code: int, code: str, detail: str, *, wait: float | None = None
    ) -> None:
        self.status_code = status_code
        if wait is not None:
            self.wait = wait
        super().__init__(detail, code)


def invalid(attr: str | None, code: str, detail: str) -> exceptions.ValidationError:
    """Return a 400 for one field, or (``attr`` None) for the request as a whole."""
    error = exceptions.ErrorDetail(detail, code)
    return exceptions.ValidationError([error] if attr is None else {attr: [error]})


def not_found(attr: str, detail: str) -> exceptions.NotFound:
    """Return a 404 for the object that a field of the body names."""
    return exceptions.NotFound({attr: [exceptions.ErrorDetail(detail, "not_found")]})


def converted(error: Exception) -> Exception:
    """Return the API's error for an exception of the services; any other unchanged."""
    match error:
        case InvalidState():
            return ApiError(status.HTTP_409_CONFLICT, "invalid_state", str(error))
        case UnsupportedURL() | BlockedAddress():
            return invalid("url", error.code, error.message)
        case FileLost():
            return ApiError(status.HTTP_410_GONE, "expired", error.message)
        case DownloadError():
            code = _STATUS_OF.get(error.code, status.HTTP_409_CONFLICT)
            return ApiError(code, error.code, error.message, wait=error.retry_after)
        case Http404() | ObjectDoesNotExist():
            return exceptions.NotFound(NOT_FOUND)
        case _:
            return _of_the_machine(error)


def _of_the_machine(error: Exception) -> Exception:
    match error:
        case OperationalError() | InterfaceError():
            return ApiError(
                status.HTTP_503_SERVICE_UNAVAILABLE,
                "database_unavailable",
                "The database does not answer right now. Try again in a moment.",
                wait=DATABASE_RETRY_AFTER,
            )
        case RequestDataTooBig():
            return ApiError(
                status.HTTP_413_REQUEST_ENTITY_TOO_LARGE,
                "request_too_large",
                "The request is too large. Send a shorter one.",
            )
        case SuspiciousOperation() | UnreadablePostError():
            return exceptions.ParseError("The request could not be read. Send it again.")
        case _:
            return error


class ExceptionHandler(StandardHandler):
    def convert_known_exceptions(self, exc: Exception) -> Exception:
        exc = converted(super().convert_known_exceptions(exc))
        if isinstance(exc, exceptions.NotAuthenticated):
            # changed, not replaced: the view has put the WWW-Authenticate header on it
            exc.detail = exceptions.ErrorDetail(SIGN_IN, exc.default_code)
        return exc

    def convert_unhandled_exceptions(self, exc: Exception) -> exceptions.APIException:
        if isinstance(exc, exceptions.APIException):
            return exc
        return ApiError(status.HTTP_500_INTERNAL_SERVER_ERROR, "internal", INTERNAL)


class Formatter(ExceptionFormatter):
    def format_error_response(self, error_response: ErrorResponse) -> Any:
        return {
            "type": error_response.type,
            "errors": [item_of(error).wire() for error in error_response.errors[:SHOWN_ERRORS]],
        }


class ErrorItem(Payload):
    """One error. ``code`` is stable; ``detail`` tells a person the cause and the next step."""

    code: str
    detail: str
    attr: str | None


class ErrorPayload(Payload):
    type: str
    errors: list[ErrorItem]


def item_of(error: Error) -> ErrorItem:
    attr = None if error.attr in (None, "non_field_errors") else error.attr[:ATTR_LONGEST]
    detail = NO_OBJECT if attr is None and error.code == "null" else error.detail
    return ErrorItem(code=_CODES.get(error.code, error.code), detail=detail, attr=attr)


def first_item(error: exceptions.APIException) -> ErrorItem:
    """Return the error as an item, for a response that lists several results."""
    return item_of(ExceptionFormatter(error, {}, error).get_errors()[0])  # type: ignore[typeddict-item]
