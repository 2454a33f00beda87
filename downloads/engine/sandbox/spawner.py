"""The one thread that starts jailed programs."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def _thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="spawner")


# The kernel's PDEATHSIG fires when the *thread* that forked ends, not the process: a program
# started by a pool's thread would be killed when that thread is done.
_spawner = _thread()


def _renew() -> None:
    """Replace the executor in a forked child: the fork copied it, but not its thread."""
    global _spawner
    _spawner = _thread()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)


def begin(start: Callable[[], T]) -> Future[T]:
    """Run ``start`` in the spawner thread."""
    return _spawner.submit(start)
