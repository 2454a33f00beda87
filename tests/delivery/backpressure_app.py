"""The application of test_backpressure.py: a file, a greeting, a talkative WebSocket.

Run as a process of its own: ``daphne tests.delivery.backpressure_app:application``.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

from django.conf import settings

settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="not one")

import django  # noqa: E402

django.setup()

from channels.routing import ProtocolTypeRouter  # noqa: E402
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse  # noqa: E402
from django.urls import path  # noqa: E402

from config.server.backpressure import BackpressureServer, install  # noqa: E402
from config.server.handler import Handler  # noqa: E402
from downloads.delivery.ranges import requested_range  # noqa: E402
from downloads.delivery.streaming import Blocks, BlocksResponse  # noqa: E402
from downloads.engine.core.byte_range import ByteRange  # noqa: E402
from downloads.storage.block_source import LocalFile  # noqa: E402
from tests.delivery.daphne_process import MESSAGE, MESSAGES  # noqa: E402


def serve_file(request: HttpRequest) -> StreamingHttpResponse:
    """By the kernel, or as blocks of a source that is no file."""
    served = Path(os.environ["SERVED_FILE"])
    size = served.stat().st_size
    span = requested_range(request.META.get("HTTP_RANGE"), size) or ByteRange(0, size)
    source = LocalFile(served.open("rb", buffering=0))
    blocks = Blocks(source, span.start, span.size)
    if request.path == "/file":
        return BlocksResponse(blocks)
    return StreamingHttpResponse(blocks, headers={"Content-Length": str(span.size)})


async def breaks_off(request: HttpRequest) -> StreamingHttpResponse:
    async def half() -> AsyncIterator[bytes]:
        yield b"half"
        raise RuntimeError("the other half is missing")

    response = StreamingHttpResponse(half())
    response["Content-Length"] = "8"
    return response


async def hello(request: HttpRequest) -> HttpResponse:
    return HttpResponse("hello")


urlpatterns = [
    path("file", serve_file),
    path("blocks", serve_file),
    path("breaks-off", breaks_off),
    path("hello", hello),
]


async def talk(scope, receive, send) -> None:  # type: ignore[no-untyped-def]
    await receive()
    await send({"type": "websocket.accept"})
    for _ in range(MESSAGES):
        await send({"type": "websocket.send", "text": MESSAGE})
    await send({"type": "websocket.close"})


if os.environ.get("BACKPRESSURE", "1") == "1":
    BackpressureServer.stall_after = float(os.environ.get("STALL_AFTER", "120"))
    install()

application = ProtocolTypeRouter({"http": Handler(), "websocket": talk})
