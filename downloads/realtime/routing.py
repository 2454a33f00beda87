"""WebSocket addresses."""

from __future__ import annotations

from channels.routing import URLRouter
from django.urls import re_path

from downloads.realtime.consumers import DownloadsConsumer, refuse

websocket = URLRouter(
    [
        re_path(r"^ws/downloads/$", DownloadsConsumer.as_asgi()),
        re_path("", refuse),  # type: ignore[arg-type]
    ]
)
