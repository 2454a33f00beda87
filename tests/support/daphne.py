"""The web process as it runs in the product, over the test's own database and Redis."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

import psutil
from django.conf import settings
from django.db import connection

from config.server.supervisor.port import ReservedPort

ROOT = Path(__file__).parents[2]
_KEPT = {"PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV", "SECRET_KEY", "REDIS_URL", "ENV_FILE"}


def database_url() -> str:
    """Of the database that this test has."""
    if connection.vendor == "sqlite":
        return f"sqlite:///{connection.settings_dict['NAME']}"
    url = urlsplit(os.environ["DATABASE_URL"])
    return url._replace(path=f"/{connection.settings_dict['NAME']}").geturl()


class Daphne:
    """Started with ``with``; ``stop()`` and ``start()`` keep the port."""

    def __init__(self) -> None:
        self._reserved = ReservedPort()
        self.port = self._reserved.number
        self.origin = f"http://127.0.0.1:{self.port}"
        self.url = f"ws://127.0.0.1:{self.port}/ws/downloads/"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = {name: value for name, value in os.environ.items() if name in _KEPT}
        environment |= {"DATA_DIR": str(settings.DATA_DIR), "DATABASE_URL": database_url()}
        daphne = [sys.executable, "-m", "daphne", "-v", "0", "-b", "127.0.0.1"]
        self._process = subprocess.Popen(
            [*daphne, "-p", str(self.port), "config.asgi:application"],
            cwd=ROOT,
            env=environment,
        )
        self._wait_until_ready()

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(15)
            self._process = None

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Have it do nothing for a while."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    @property
    def memory(self) -> int:
        """Bytes resident."""
        assert self._process is not None
        return int(psutil.Process(self._process.pid).memory_info().rss)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + 30
        while True:
            assert self._process is not None
            assert self._process.poll() is None, "daphne ended"
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                assert time.monotonic() < deadline, "daphne does not listen"
                time.sleep(0.05)

    def __enter__(self) -> Daphne:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        self._reserved.release()
