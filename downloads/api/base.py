"""What every view of the API has in common."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, cast

from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import ParseError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSetMixin

from downloads.api.authentication import BearerAuthentication
from downloads.api.errors import exception_handler
from downloads.api.schema import ApiSchema

if TYPE_CHECKING:
    from accounts.models import User


class JsonParser(BaseParser):
    """JSON as RFC 8259 has it: UTF-8 whatever charset is named, no NaN, and no 500 for depth."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            text = stream.read().decode("utf-8-sig")
            data = json.loads(text, parse_constant=_refuse_constant)
            if "\\u" in text:  # an escape can spell half a character, which no store takes
                json.dumps(data, ensure_ascii=False).encode()
            return data
        except RecursionError:
            raise ParseError("The JSON is nested too deeply. Send a flat object.") from None
        except json.JSONDecodeError as error:
            raise ParseError(
                f"The body is not valid JSON: {error.msg} at character {error.pos}. "
                "Check the quotes and commas."
            ) from None
        except ValueError:  # no UTF-8, half a character, NaN, a number of more than 4300 digits
            raise ParseError(
                "The body is not valid JSON. Send whole UTF-8 text and plain numbers."
            ) from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


class JsonOnly(BaseContentNegotiation):
    """One format, whatever is asked for: a player that accepts video only still gets its file."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        kind = (request.content_type or "").partition(";")[0].strip().lower()
        is_json = kind == "application/json" or kind.endswith("+json")
        return next(iter(parsers)) if is_json else None

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, str(renderer.media_type)


def user_of(request: Request) -> User:
    """Who asks. Every view that calls this lets only signed-in people through."""
    return cast("User", request.user)


class ApiView(APIView):
    """JSON in and out, a token or the session, errors in one shape."""

    authentication_classes: Sequence[type[BaseAuthentication]] = (
        BearerAuthentication,
        SessionAuthentication,
    )
    permission_classes: Sequence[type[BasePermission]] = (IsAuthenticated,)
    parser_classes = (JsonParser,)
    renderer_classes = (JSONRenderer,)
    content_negotiation_class = JsonOnly
    schema = ApiSchema()

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        # a charset in the Content-Type would also be applied to the query string
        request.encoding = "utf-8"
        return super().initialize_request(request, *args, **kwargs)

    def get_exception_handler(self) -> Any:
        return exception_handler


class ApiViewSet(ViewSetMixin, ApiView):
    """One resource: its list, its rows and their actions."""
