"""The channel layer as both ends use it: one of one's own, made anew once it broke."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Final

from channels import DEFAULT_CHANNEL_LAYER
from channels.layers import channel_layers
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

CLOSE_WITHIN: Final = 0.5  # seconds
LINK_ERRORS: Final = (RedisError, OSError, TimeoutError)


def fresh_layer() -> Any:
    return channel_layers.make_backend(DEFAULT_CHANNEL_LAYER)


async def close(layer: Any) -> None:
    """Give its connections back; where they hang, leave them to the garbage collector."""
    try:
        async with asyncio.timeout(CLOSE_WITHIN):
            await layer.flush()
    except LINK_ERRORS as error:
        log.debug("a channel layer did not close: %s", type(error).__name__)
