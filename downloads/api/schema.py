"""The OpenAPI schema: payloads from pydantic, inputs from serializers, and the errors of each
operation."""

from __future__ import annotations

import inspect
import json
from typing import Any, Final

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import Direction
from rest_framework.authentication import SessionAuthentication

from downloads.api.errors import ErrorPayload
from downloads.api.serializers import Query

# status -> its description; views add those that only some operations return
ERRORS: Final = {
    "400": "Something in the request is wrong; `attr` names the field.",
    "401": "Not signed in, or the token is wrong or has expired.",
    "403": "The session's CSRF token is missing or wrong; with a bearer token none is needed.",
    "404": "Not found, or another user's: the answer is the same.",
    "413": "The body is too large.",
    "415": "The body is not application/json.",
    "503": "The database does not answer; `Retry-After` says when to try again.",
}


class ClosedObjects(OpenApiSerializerExtension):
    """A schema extension: an input object takes no unknown fields, and has no defaults.

    Generated clients send a default along, or require its field (openapi-typescript): what a user
    leaves out is the server's to decide. The description names it.
    """

    target_class = "downloads.api.fields.Input"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: Direction) -> Any:
        found = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        fields = {name: _without_default(about) for name, about in found["properties"].items()}
        return {**found, "properties": fields, "additionalProperties": False}


def _without_default(about: dict[str, Any]) -> dict[str, Any]:
    default = about.get("default")
    rest = {name: value for name, value in about.items() if name != "default"}
    if default in (None, "", False):
        return rest
    told = f"{rest.get('description', '')} Left out: {json.dumps(default)}.".strip()
    return {**rest, "description": told}


class ApiSchema(AutoSchema):
    def map_parsers(self) -> list[str]:
        return ["application/json"]

    def get_override_parameters(self) -> list[Any]:
        query = self._query()
        return [query] if query and query is not Query else []

    def _query(self) -> type[Query] | None:
        view: Any = self.view
        return view.query_class() if self.method == "GET" else None

    def get_description(self) -> str:  # type: ignore[override]
        """Return the docstring of the operation; without one, not the view's, which is about
        all of them."""
        method = getattr(self.view, getattr(self.view, "action", None) or self.method.lower())
        return inspect.cleandoc(method.__doc__ or "")

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
        takes_query = self._query() is not None
        by_session = SessionAuthentication in self.view.authentication_classes
        return [
            *(["400"] if takes_body or takes_query else []),
            *(["401"] if self.view.permission_classes else []),
            *(["403"] if by_session and self.method != "GET" else []),
            *(["404"] if "path" in parameters else []),
            *(["413", "415"] if takes_body else []),
            "503",
        ]

    def _error_body(self, status: str) -> Any:
        body = self._get_response_for_code(ErrorPayload, status, ["application/json"])
        return {**body, "description": ERRORS[status]}
