"""Django's ASGI handler, for views and middleware that are all synchronous."""

from __future__ import annotations

import asyncio
import io
from contextlib import aclosing
from typing import Any

from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.core.signals import request_started
from django.db import connection
from django.http import HttpResponse
from django.urls import set_script_prefix

from config.server import zero_copy
from config.server.request_threads import KEPT, RequestThreads, keep_connections
from downloads.delivery.streaming import BlocksResponse
from downloads.storage.block_source import LocalFile


class Handler(ASGIHandler):
    """A handler that answers a request in one call into a thread.

    Django's own goes into a thread, and out of it again, for each middleware of one kind beside one
    of the other, and for each signal: this took half of a request's time.
    """

    def __init__(self) -> None:
        BaseHandler.__init__(self)
        self.load_middleware(is_async=False)
        self._threads = RequestThreads(KEPT if connection.vendor == "postgresql" else 0)

    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        with body:
            answering = asyncio.ensure_future(self._threads.run(self._answer, scope, body))
            try:
                response = await asyncio.shield(answering)
            except asyncio.CancelledError:  # the process ends; what is answered must still close
                answering.add_done_callback(_close)
                raise
            if not response.streaming:
                await self.send_response(response, send)
            elif (file := _file_of(response)) and zero_copy.EXTENSION in scope["extensions"]:
                await self._send_file(response, file, send)
            else:
                await self._stream(response, receive, send)

    async def read_body(self, receive: Any) -> Any:
        """Return the body as a file. Raises RequestAborted."""
        message = await receive()
        if message["type"] == "http.request" and not message.get("more_body", False):
            return io.BytesIO(message.get("body", b""))  # most have none, or a short one
        pending = [message]

        async def again() -> Any:
            return pending.pop() if pending else await receive()

        return await super().read_body(again)

    def _answer(self, scope: Any, body: Any) -> Any:
        """Return the response, closed unless it streams; the thread's connection is free again."""
        set_script_prefix(get_script_prefix(scope))
        request_started.send(sender=type(self), scope=scope)
        request, error = self.create_request(scope, body)
        response: Any = error if request is None else self.get_response(request)
        response._handler_class = type(self)
        keep_connections()
        if response.streaming and not response.is_async:  # a file of static/, which is short
            whole = HttpResponse(b"".join(response), status=response.status_code)
            whole.headers, whole.cookies = response.headers, response.cookies
            response.close()
            return whole
        if not response.streaming:
            response.close()
        return response

    async def send_response(self, response: Any, send: Any) -> None:
        """Send the head, then each part as it is: the server waits for the client, so it need not
        be cut."""
        await send(_head(response))
        if not response.streaming:
            await send({"type": "http.response.body", "body": response.content})
            return
        async with aclosing(aiter(response)) as content:
            async for part in content:
                await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body"})

    async def _send_file(self, response: Any, file: dict[str, int], send: Any) -> None:
        """Have the server send the body; it ends early if the client leaves."""
        try:
            await send(_head(response))
            await send({"type": zero_copy.EXTENSION, **file})
        finally:
            response.close()

    async def _stream(self, response: Any, receive: Any, send: Any) -> None:
        """Send until the end, or until the client leaves."""
        tasks = [
            asyncio.ensure_future(receive()),
            asyncio.ensure_future(self.send_response(response, send)),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
            response.close()
        if isinstance(results[1], Exception):
            raise results[1]


def _head(response: Any) -> dict[str, Any]:
    """Return the message that begins a response."""
    headers = [
        (name.encode("ascii"), str(value).encode("latin-1")) for name, value in response.items()
    ]
    cookies = (cookie.OutputString().encode("ascii") for cookie in response.cookies.values())
    headers += [(b"Set-Cookie", cookie) for cookie in cookies]
    return {"type": "http.response.start", "status": response.status_code, "headers": headers}


def _file_of(response: Any) -> dict[str, int] | None:
    """Return what of which file the body is; None if it is no file of a disk."""
    blocks = response.blocks if isinstance(response, BlocksResponse) else None
    if blocks is None or not isinstance(blocks.source, LocalFile):
        return None
    return {"file": blocks.source.fileno(), "offset": blocks.start, "count": blocks.length}


def _close(answering: asyncio.Future[Any]) -> None:
    if not answering.cancelled() and answering.exception() is None:
        answering.result().close()
