"""The OpenAPI schema: payloads from pydantic, inputs from serializers, and the errors of each
operation."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import Direction

from downloads.api.errors import ErrorPayload

# status -> its description; views add those that only some operations return
ERRORS: Final = {
    "400": "Something in the request is wrong; `attr` names the field.",
    "401": "Not signed in, or the token is wrong or has expired.",
    "404": "Not found, or another user's: the answer is the same.",
    "413": "The body is too large.",
    "415": "The body is not application/json.",
    "503": "The database does not answer; `Retry-After` says when to try again.",
}


class ClosedObjects(OpenApiSerializerExtension):
    """A schema extension: an input object takes no unknown fields."""

    target_class = "downloads.api.fields.Input"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Direction) -> Any:
        found = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return {**found, "additionalProperties": False}


class ApiSchema(AutoSchema):
    def map_parsers(self) -> list[str]:
        return ["application/json"]

    def _is_list_view(self, serializer: Any = None) -> bool:
        # A page is one object, which says itself what it holds. Asked without a serializer it is
        # for the operation's name; with one, spectacular would make an array of pages.
        return serializer is None and super()._is_list_view()

    def _get_response_bodies(self, direction: Direction = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        if direction != "response":
            return bodies
        for status in self._possible_errors():
            bodies.setdefault(status, self._error_body(status))
        return dict(sorted(bodies.items()))

    def _possible_errors(self) -> list[str]:
        takes_body = self.method in ("POST", "PATCH") and self.get_request_serializer() is not None
        parameters = [parameter["in"] for parameter in self._get_parameters()]
        return [
            *(["400"] if takes_body or "query" in parameters else []),
            *(["401"] if self.view.permission_classes else []),
            *(["404"] if "path" in parameters else []),
            *(["413", "415"] if takes_body else []),
            "503",
        ]

    def _error_body(self, status: str) -> Any:
        body = self._get_response_for_code(ErrorPayload, status, ["application/json"])
        return {**body, "description": ERRORS[status]}
