"""``/api/schema/``: the OpenAPI schema, generated once in a process."""

from __future__ import annotations

import functools
import hashlib
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request


class SchemaView(SpectacularAPIView):
    """The schema as YAML or JSON, by ``?format=`` or the Accept header.

    It depends on nothing but the code, and takes a fifth of a second: anyone may ask for it.
    """

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        renderer: Any = request.accepted_renderer
        text, etag = _rendered(renderer.format)
        return _conditional(request._request, text, etag, renderer.media_type)


@functools.lru_cache(maxsize=8)
def _rendered(form: str) -> tuple[bytes, str]:
    """Return the schema's text in this format, and its ETag."""
    renderers = [each for each in SchemaView.renderer_classes if each.format == form]
    schema = SchemaGenerator().get_schema(request=None, public=True)
    rendered = renderers[0]().render(schema, renderer_context={})
    text = rendered.encode() if isinstance(rendered, str) else rendered
    return text, f'"{hashlib.sha256(text).hexdigest()[:32]}"'


def _conditional(request: HttpRequest, text: bytes, etag: str, kind: str) -> HttpResponse:
    response = HttpResponse(text, content_type=kind)
    response["Content-Disposition"] = 'inline; filename="ferry-schema"'
    response["Cache-Control"] = "no-cache"  # asked for again, but not sent again
    response["ETag"] = etag
    return get_conditional_response(request, etag, None, response) or response
