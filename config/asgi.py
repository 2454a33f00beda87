"""The ASGI entry point: HTTP goes to Django, WebSockets to the consumers."""

from __future__ import annotations

import gc
import os

import django
from channels.routing import ProtocolTypeRouter
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")

django.setup(set_prefix=False)

from config.env import require_secret_key
from config.server import backpressure, cookie_quotes, request_limits, websocket_limits
from config.server.allocator import use_one_arena
from config.server.body_limit import BodyLimit
from config.server.client_address import ForwardedAddress
from config.server.handler import Handler
from config.server.lean_imports import load_rest_framework
from config.server.unix_socket import unix_socket_of
from config.server.url_prefix import PrefixedPath
from config.settings.environment import ENVIRONMENT
from downloads.network.installation_key import check_key
from downloads.queue.version_skew import check_schema
from downloads.realtime.routing import websocket


def prepare() -> None:
    """Check the key, and load what the first request would. Raises StartError."""
    use_one_arena()
    check_schema()
    check_key()
    load_rest_framework()
    _ = get_resolver().url_patterns
    # A full collection goes through all that is alive, for a tenth of a second in which no request
    # goes on. What is loaded by now stays: it need not be looked at again.
    gc.collect()
    gc.freeze()


require_secret_key(ENVIRONMENT)
# the daphne command creates its server after this module
backpressure.install(prepare, unix_socket_of(ENVIRONMENT))
websocket_limits.install()
cookie_quotes.install()
request_limits.install(ENVIRONMENT.request_max_bytes, ENVIRONMENT.trusted_proxies)

application = ForwardedAddress(
    PrefixedPath(
        ProtocolTypeRouter(
            {
                "http": BodyLimit(Handler(), ENVIRONMENT.request_max_bytes),
                "websocket": websocket,
            }
        ),
        ENVIRONMENT.url_prefix,
    ),
    ENVIRONMENT.trusted_proxies,
)
