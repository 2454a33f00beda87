"""The access log: one line a request, without the query, which may carry a signature or a
ticket."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from opentelemetry import trace
from opentelemetry.trace import SpanKind

from downloads.engine.core.log_context import LOG_CONTEXT

logger = logging.getLogger("ferry.access")
TRACER = trace.get_tracer("ferry.web")  # of no effect without a collector

SIGNED = "/d/"  # a path below it opens a file without login
LONGEST = 500  # characters of a path
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
QUIET = ("/static/", "/healthz", "/readyz", "/metrics")


class AccessLogMiddleware:
    """A middleware that logs each request with status and milliseconds, and gives it an id.

    ``X-Request-ID`` of a proxy is taken, so that its log and this one can be joined; the answer has
    it too. It is the first middleware: what the others log has the id.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _ID.fullmatch(given) else uuid.uuid4().hex
        before = LOG_CONTEXT.set({"request_id": request_id})
        try:
            started = time.monotonic()
            with TRACER.start_as_current_span(
                f"{request.method}",
                kind=SpanKind.SERVER,
                attributes={"request_id": request_id},
                record_exception=False,
            ) as span:
                response = self.get_response(request)
                path = _safe_path(request.path_info)
                span.set_attribute("url.path", path)
                span.set_attribute("http.response.status_code", response.status_code)
            quiet = request.path_info.startswith(QUIET) and response.status_code < 500
            logger.log(
                logging.DEBUG if quiet else logging.INFO,
                "%s %s",
                request.method,
                path,
                extra={
                    "status": response.status_code,
                    "ms": round((time.monotonic() - started) * 1000),
                },
            )
        finally:
            LOG_CONTEXT.reset(before)
        response["X-Request-ID"] = request_id
        return response


def _safe_path(path: str) -> str:
    if path.startswith(SIGNED):
        return f"{SIGNED}..."
    return path if len(path) <= LONGEST else f"{path[:LONGEST]}..."
