"""The channel layer of both ends: each has its own, and replaces it once it broke."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Final

import redis
from channels import DEFAULT_CHANNEL_LAYER
from channels.layers import channel_layers
from channels_redis.pubsub import RedisPubSubChannelLayer
from redis.asyncio.connection import AbstractConnection

log = logging.getLogger(__name__)

CLOSE_WITHIN: Final = 0.5  # seconds
LINK_ERRORS: Final = (redis.RedisError, OSError, TimeoutError)
CUT_OFF: Final = redis.ConnectionError


class FerryChannelLayer(RedisPubSubChannelLayer):
    """A layer that counts its connections: it restores one that was cut silently, and what was
    published meanwhile is lost."""

    def __init__(self, hosts: list[dict[str, Any]], **options: Any) -> None:
        self.connections_made = 0

        async def connected(connection: AbstractConnection) -> None:
            await connection.on_connect()
            self.connections_made += 1

        counted = [{**host, "redis_connect_func": connected} for host in hosts]
        super().__init__(hosts=counted, **options)


def fresh_layer() -> FerryChannelLayer:
    layer = channel_layers.make_backend(DEFAULT_CHANNEL_LAYER)
    assert isinstance(layer, FerryChannelLayer)
    return layer


async def close(layer: FerryChannelLayer) -> None:
    """Close its connections; if they hang, leave them to the garbage collector."""
    try:
        async with asyncio.timeout(CLOSE_WITHIN):
            await layer.flush()
    except LINK_ERRORS as error:
        log.debug("channel layer not closed error=%s", type(error).__name__)
