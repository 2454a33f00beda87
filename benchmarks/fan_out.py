"""One event to all sockets of a user: by the hub, and by Channels' own consumer layer.

    python -m benchmarks.fan_out [--sockets 1000] [--hearing 1 50 1000]

What docs/architecture.md says of the hub, measured: one process holds the sockets' ends (without
the sockets), a real Redis carries the events. ``layer`` gives each consumer a channel of
RedisPubSubChannelLayer that no Redis has to know of, the most that a subclass can do: messages
then take the way of Channels' dispatch. Times are from the call that publishes to the consumer.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from config.server.supervisor.port import ReservedPort

EVENTS = 100
HEARS = 1  # the user whose sockets hear
OTHERS = 10  # and more: the users of the others


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sockets", type=int, default=1000)
    parser.add_argument("--hearing", type=int, nargs="+", default=[1, 50, 1000])
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ferry-bench-") as folder:
        redis_port = ReservedPort()
        _configure(Path(folder), redis_port.number)
        from django.conf import settings

        from tests.support.redis_server import RedisServer

        with RedisServer(settings.REDIS_URL, Path(folder) / "redis"):
            print(f"load average {os.getloadavg()[0]:.1f}; ms, and processor time of a delivery")
            for hearing in asked.hearing:
                for name, hold in (("hub", _by_hub), ("layer", _by_layer)):
                    users = [HEARS if n < hearing else OTHERS + n for n in range(asked.sockets)]
                    print(f"{hearing:5} {name:6} {asyncio.run(_measured(hold, users, hearing))}")


def _configure(folder: Path, redis_port: int) -> None:
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "config.settings.base",
        "ENV_FILE": os.devnull,
        "DATA_DIR": str(folder),
        "SECRET_KEY": secrets.token_urlsafe(48),
        "REDIS_URL": f"redis://:{secrets.token_hex(8)}@127.0.0.1:{redis_port}/0",
        "LOG_LEVEL": "WARNING",
    }
    import django

    django.setup()


Heard = Callable[[str], None]
Hold = Callable[[list[int], Heard], Coroutine[Any, Any, None]]


async def _measured(hold: Hold, users: list[int], hearing: int) -> str:
    from downloads.events.link import close, fresh_layer

    took: list[float] = []
    await hold(users, lambda text: took.append(time.perf_counter() - float(text)))
    layer = fresh_layer()
    began = time.process_time()
    for _ in range(EVENTS):
        await layer.group_send(f"user.{HEARS}", _event())
        await asyncio.sleep(max(0.005, hearing * 0.0003))
    until = time.monotonic() + 30
    while len(took) < EVENTS * hearing and time.monotonic() < until:
        await asyncio.sleep(0.05)
    spent = (time.process_time() - began) / max(len(took), 1)
    cuts = statistics.quantiles(took, n=100)
    await close(layer)
    shown = f"p50 {cuts[49] * 1e3:6.1f}  p99 {cuts[98] * 1e3:6.1f}  {spent * 1e6:5.0f} us"
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
    return shown


def _event() -> dict[str, Any]:
    from downloads.events.outbound_event import EVENT

    told_at = repr(time.perf_counter())
    facts = {"user": HEARS, "text": told_at, "download": "", "seq": None, "progress": False}
    return {"type": EVENT, **facts}


async def _by_hub(users: list[int], heard: Heard) -> None:
    from downloads.events.hub import Hub
    from downloads.events.outbound_event import OutboundEvent

    class Listener:
        shows_active = False
        rechecks = asyncio.Event()

        def put(self, event: OutboundEvent) -> None:
            heard(event.text)

        def put_snapshot(self) -> None: ...

    hub = Hub()
    for user in users:
        await hub.join(user, Listener())


async def _by_layer(users: list[int], heard: Heard) -> None:
    from channels.consumer import AsyncConsumer
    from channels.layers import channel_layers
    from channels_redis.pubsub import RedisPubSubChannelLayer, RedisPubSubLoopLayer
    from django.conf import settings

    class LocalChannels(RedisPubSubLoopLayer):
        async def new_channel(self, prefix: str = "specific.") -> str:
            name = f"{self.prefix}{prefix}{uuid.uuid4().hex}"
            self.channels[name] = asyncio.Queue()
            return name

    class Layer(RedisPubSubChannelLayer):
        def _get_layer(self) -> LocalChannels:
            if not self._layers:
                local = LocalChannels(*self._args, **self._kwargs, channel_layer=self)
                self._layers[asyncio.get_running_loop()] = local
            return next(iter(self._layers.values()))

    class Consumer(AsyncConsumer):
        async def websocket_connect(self, message: dict[str, Any]) -> None:
            await self.channel_layer.group_add(f"user.{self.scope['user']}", self.channel_name)

        async def news(self, message: dict[str, Any]) -> None:
            heard(message["text"])

    channel_layers.set("default", Layer(**settings.CHANNEL_LAYERS["default"]["CONFIG"]))
    held = [asyncio.create_task(Consumer()({"user": user}, _Client(), _nothing)) for user in users]
    await asyncio.sleep(2)  # until all have joined
    assert not any(task.done() for task in held)


class _Client:
    """One that connects, and says nothing more."""

    def __init__(self) -> None:
        self._connected = False

    async def __call__(self) -> dict[str, Any]:
        if self._connected:
            await asyncio.Event().wait()
        self._connected = True
        return {"type": "websocket.connect"}


async def _nothing(message: dict[str, Any]) -> None: ...


if __name__ == "__main__":
    main()
