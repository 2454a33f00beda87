"""The access log: one line a request, without the query, which may carry a signature or a
ticket."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

logger = logging.getLogger("ferry.access")

SIGNED = "/d/"  # a path below it opens a file without login
LONGEST = 500  # characters of a path
QUIET = ("/static/", "/healthz", "/readyz", "/metrics")


class AccessLogMiddleware:
    """A middleware that logs each request with status and milliseconds."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.monotonic()
        response = self.get_response(request)
        quiet = request.path_info.startswith(QUIET) and response.status_code < 500
        logger.log(
            logging.DEBUG if quiet else logging.INFO,
            "%s %s",
            request.method,
            _safe_path(request.path_info),
            extra={
                "status": response.status_code,
                "ms": round((time.monotonic() - started) * 1000),
            },
        )
        return response


def _safe_path(path: str) -> str:
    if path.startswith(SIGNED):
        return f"{SIGNED}..."
    return path if len(path) <= LONGEST else f"{path[:LONGEST]}..."
