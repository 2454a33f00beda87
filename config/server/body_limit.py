"""The limit of request bodies, REQUEST_MAX_BYTES: nothing that Ferry accepts is larger."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from config.server.errors import error_body, error_response

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Application = Callable[[Any, Receive, Send], Awaitable[None]]

CODE = "request_too_large"


def _detail(limit: int) -> str:
    return f"The request is larger than {limit} bytes. Send a shorter one."


class BodyLimitMiddleware:
    """A limit by Content-Length, so that the answer has its CORS and security headers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) > settings.REQUEST_MAX_BYTES:
            return error_response(request, 413, CODE, _detail(settings.REQUEST_MAX_BYTES))
        return self.get_response(request)


class _BodyTooLarge(Exception):
    pass


class BodyLimit:
    """A limit while reading: a chunked body announces no length, and Django spools it to disk."""

    def __init__(self, application: Application, limit: int) -> None:
        self.application = application
        self.limit = limit

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        seen = 0

        async def counted() -> Any:
            nonlocal seen
            message = await receive()
            if message["type"] == "http.request":
                seen += len(message["body"])
                if seen > self.limit and not _announced(scope):
                    raise _BodyTooLarge
            return message

        try:
            await self.application(scope, counted, send)
        except _BodyTooLarge:  # raised while Django reads, so nothing has been sent yet
            await _refuse(send, self.limit)


def _announced(scope: Any) -> bool:
    return any(name == b"content-length" for name, _ in scope["headers"])


async def _refuse(send: Send, limit: int) -> None:
    body = json.dumps(error_body("client_error", CODE, _detail(limit))).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send(
        {"type": "http.response.start", "status": 413, "headers": headers, "trailers": False}
    )
    await send({"type": "http.response.body", "body": body, "more_body": False})
