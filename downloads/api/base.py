"""The base classes of the API's views."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final, NoReturn

from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import ParseError, UnsupportedMediaType
from rest_framework.parsers import BaseParser
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSetMixin

from downloads.api.authentication import BearerAuthentication
from downloads.api.schema import ApiSchema
from downloads.api.serializers import Query

if TYPE_CHECKING:
    from accounts.models import User


MOST_VALUES: Final = 20_000  # of one body: what is checked value by value must be few
# A mark outside of strings begins a value, or ends one; it is found without going on to the end.
_TOO_MANY: Final = re.compile(
    rf'(?:(?:[^",\[{{]++|"(?:[^"\\]++|\\.)*+(?:"|\\?\Z))*+[,\[{{]){{{MOST_VALUES + 1}}}+', re.DOTALL
)


class JsonParser(BaseParser):
    """A parser of JSON by RFC 8259: UTF-8 whatever the charset, no NaN, no 500 for depth, a bound
    on values."""

    media_type = "*/*"  # checked in parse(), so that application/merge-patch+json is JSON too

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """Return the parsed body. Raises UnsupportedMediaType if it is not JSON, and ParseError."""
        kind = (media_type or "").partition(";")[0].strip().lower()
        if kind != "application/json" and not kind.endswith("+json"):
            raise UnsupportedMediaType(media_type or "")
        try:
            text = stream.read().decode("utf-8-sig")
            if _TOO_MANY.match(text):  # before they are made
                raise ParseError(f"The JSON holds too much. Send at most {MOST_VALUES} values.")
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


class UserRequest(Request):
    """The request of a view that requires a signed-in user."""

    user: User


class ApiView(APIView):
    """A view with JSON in and out, a token or the session, errors in one shape."""

    authentication_classes: Sequence[type[BaseAuthentication]] = (
        BearerAuthentication,
        SessionAuthentication,
    )
    permission_classes: Sequence[type[BasePermission]] = (IsAuthenticated,)
    parser_classes = (JsonParser,)
    renderer_classes = (JSONRenderer,)
    schema = ApiSchema()

    # action or method -> what its GET takes, by default nothing; None: anything, for a file, whose
    # answer says itself how long caches may keep it
    queries: ClassVar[Mapping[str, type[Query] | None]] = {}
    query: dict[str, Any]  # of this request

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Check who asks and for what. The answer is JSON whatever the Accept header: a player that
        accepts video only still gets its file."""
        # a charset in the Content-Type would also be applied to the query string
        request._request.encoding = "utf-8"
        renderer = self.get_renderers()[0]
        request.accepted_renderer, request.accepted_media_type = renderer, renderer.media_type
        reads = request.method in ("GET", "HEAD")
        query = self.query_class() if reads else None
        if query or not reads:
            self.headers["Cache-Control"] = "no-store"  # one user's, and may hold a secret
        self.perform_authentication(request)
        self.check_permissions(request)
        self.check_throttles(request)
        if query:
            self.query = query.of(request)

    def query_class(self) -> type[Query] | None:
        return self.queries.get(getattr(self, "action", None) or "get", Query)


class ApiViewSet(ViewSetMixin, ApiView):
    """One resource: its list, its rows and their actions."""
