"""The growth of work with what is sent, in processor time: a stranger takes it from all."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

LARGE: Final = 65_536  # bytes
FIRST: Final = 4096
MOST: Final = 3.0  # times as much for twice as much: linear work is 2, quadratic 4
NOTHING: Final = 0.02  # seconds for 64 kB: less is no hold, whatever its growth
TRIES: Final = 9  # at most: the least of them is judged, and soon is less than what is allowed


def seconds(run: Callable[[Any], object], made: Any) -> float:
    """Return the processor time that this takes, threads included."""
    began = time.process_time()
    run(made)
    return time.process_time() - began


def growth(
    run: Callable[[Any], object], make: Callable[[int], Any], nothing: float = NOTHING
) -> float:
    """Return how many times longer ``run`` takes for 64 kB than for 32 kB of what ``make`` gives.

    Each figure is the least of several, which leaves out what the machine did beside it. What takes
    long for less than 64 kB is judged there, so that a quadratic one fails soon.
    """
    if seconds(run, make(FIRST)) < nothing and seconds(run, make(LARGE)) < nothing:
        return 0.0  # nearly all: without the steps between
    size = FIRST
    while size < LARGE and seconds(run, make(size)) < 3 * nothing:
        size *= 2
    large = make(size)
    if size == LARGE and min(seconds(run, large) for _ in range(2)) < nothing:
        return 0.0
    small = make(size // 2)
    # Not one alone: what the machine did beside a small one would hide a quadratic large one.
    least_small = min(seconds(run, small) for _ in range(3))
    least_large = float("inf")
    for _ in range(TRIES):
        least_small = min(least_small, seconds(run, small))
        least_large = min(least_large, seconds(run, large))
        if least_large <= MOST * least_small:
            break
    return least_large / least_small
