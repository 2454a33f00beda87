"""Calls to a storage that may be busy: retried with backoff, without delaying a stop."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from typing import Final, TypeVar

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import StorageUnavailable
from downloads.engine.transfer.background_call import BackgroundCall
from downloads.engine.transfer.plan import backoff
from downloads.engine.transfer.sinks.object import StorageBusy

T = TypeVar("T")
log = logging.getLogger(__name__)

PATIENCE: Final = 30.0  # seconds of failures after which the storage counts as unavailable
FIRST: Final = 0.2
LONGEST: Final = 5.0
TICK: Final = 0.05


def retry_with_backoff(
    work: Callable[[], T],
    wait: Callable[[float], bool],
    clock: Callable[[], float] = time.monotonic,
) -> T:
    """Return the result of ``work()``, repeated while the storage is busy, for at most PATIENCE
    seconds.

    ``wait`` sleeps for so many seconds, or until the work must end: then it returns True. Raises
    StorageUnavailable.
    """
    failures, gives_up_at = 0, clock() + PATIENCE
    while True:
        try:
            return work()
        except StorageBusy as error:
            failures += 1
            delay = backoff(failures, FIRST, LONGEST) * random.uniform(0.5, 1.0)
            log.info("storage busy detail=%r", error.detail)
            if clock() + delay > gives_up_at or wait(delay):
                raise StorageUnavailable(f"{error.detail} ({failures} times)") from error


def ask(work: Callable[[], T], stop: StopToken) -> T:
    """Do the same on a thread that may be abandoned. Raises Stopped within a moment."""
    stop.check()
    # It beats: an unavailable storage is no hang, and each attempt has an end.
    asking = BackgroundCall(lambda: (retry_with_backoff(work, stop.wait),), lambda _: None)
    try:
        while (answer := asking.poll(TICK)) is None:
            stop.check()
            stop.beat()
        return answer[0]
    finally:
        asking.abandon()
