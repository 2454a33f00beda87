"""A worker process that is killed, by SIGKILL, at a step of its work: nothing of ours runs after.

A nursery, one for each test process, has Django and Ferry imported; each worker is forked from it,
with nothing of an earlier one. What a worker does is told by its audit events, at the calls of the
operating system, so that the code that it runs is the product's, whole and unchanged.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from downloads.queue.lease import Lease

# What tests change of the settings, and a worker follows.
SETTINGS = (
    "AWS_STORAGE_BUCKET_NAME", "DATA_DIR", "FETCH_ALLOWED_NETWORKS", "FETCH_CONNECTIONS",
    "MIN_FREE_SPACE", "STORAGES", "STORAGE_PATH",
)  # fmt: skip


class Step(Enum):
    """The step at which a worker dies."""

    SUBTITLES = "the row has their names, and the storage none of them"
    MOVE = "the finished file is about to get its name in the storage"
    MOVED = "it has its name, and no row says so"


class DoomedWorker:
    """The nursery, and the one worker at a time that it has."""

    def __init__(self) -> None:
        surroundings = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.base"}
        self._nursery = subprocess.Popen(
            [sys.executable, "-m", __name__],
            cwd=Path(__file__).parents[2],
            env=surroundings,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._pid = 0

    def start(self, lease: Lease, step: Step | None = None) -> None:
        """Have a worker process run what was claimed."""
        from django.conf import settings
        from django.db import connection

        told = {name: getattr(settings, name) for name in SETTINGS}
        assert self._nursery.stdin
        pickle.dump((connection.settings_dict["NAME"], told, lease, step), self._nursery.stdin)
        self._nursery.stdin.flush()
        self._pid = self._hear()

    def dies_at(self, step: Step, lease: Lease) -> None:
        """Have it run, and wait until it is killed at ``step``."""
        self.start(lease, step)
        self.wait()

    def kill(self) -> None:
        """Kill it now, from any thread."""
        os.kill(self._pid, signal.SIGKILL)

    def wait(self) -> None:
        """Wait until it is dead. Raises AssertionError if it came to its end before."""
        ended = self._hear()
        assert ended == -signal.SIGKILL, f"it was not killed, but ended with {ended}"

    def close(self) -> None:
        assert self._nursery.stdin
        self._nursery.stdin.close()
        self._nursery.wait(10)

    def _hear(self) -> int:
        assert self._nursery.stdout
        return int(self._nursery.stdout.readline())


@pytest.fixture(scope="session")
def doomed_worker() -> Iterator[DoomedWorker]:
    nursery = DoomedWorker()
    yield nursery
    nursery.close()


def serve() -> None:
    """Fork a worker for each request; answer with its process id, then with how it ended."""
    import django

    django.setup()
    from downloads.jobs import runner  # once, for all workers

    assert runner
    while True:
        try:
            request = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        pid = os.fork()
        if pid == 0:
            try:
                _work(*request)
            finally:
                os._exit(0)
        print(pid, flush=True)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _work(database: str, told: dict[str, Any], lease: Lease, step: Step | None) -> None:
    from django.conf import settings
    from django.db import connection

    from downloads.engine.core.cancellation import StopToken
    from downloads.jobs import runner

    for name, value in told.items():
        setattr(settings, name, value)
    connection.settings_dict["NAME"] = database
    if step is not None:
        _die_at(step)
    runner.run(lease, StopToken())


def _die_at(step: Step) -> None:
    """Kill this process at the call of the operating system that begins ``step``."""
    from django.core.files.storage import storages

    from downloads import conf

    root, work, is_moving = Path(storages["media"].location), conf.work_dir(), False

    def in_storage(path: object) -> bool:
        if not isinstance(path, str | os.PathLike):
            return False
        return Path(path).is_relative_to(root) and not Path(path).is_relative_to(work)

    def look(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal is_moving
        if event == "os.rename" and in_storage(arguments[1]):
            is_moving = True
            is_there = step is Step.MOVE
        elif event == "open" and in_storage(arguments[0]):
            # After the move its folder is opened, to be made durable.
            is_subtitle = str(arguments[0]).endswith(".vtt")
            is_there = is_subtitle if step is Step.SUBTITLES else is_moving and step is Step.MOVED
        else:
            return
        if is_there:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(look)


if __name__ == "__main__":
    from tests.support.doomed_worker import serve

    serve()
