"""The decision if and when an attempt follows."""

from __future__ import annotations

import pytest

from downloads import conf
from downloads.engine.core.errors import NetworkError, RateLimited, Unavailable
from downloads.queue.retry import delay_before_retry, lost_for_good, runs_alone


def none() -> float:
    return 0.0


def test_the_delay_doubles_up_to_a_limit() -> None:
    delays = [delay_before_retry(NetworkError(), n, jitter=none) for n in range(1, 5)]
    assert delays == [2.0, 4.0, 8.0, 16.0]


def test_jitter_adds_up_to_half() -> None:
    assert delay_before_retry(NetworkError(), 1, jitter=lambda: 1.0) == 3.0


def test_what_the_source_asked_for_is_honoured() -> None:
    assert delay_before_retry(RateLimited(retry_after=90), 1, jitter=none) == 90


def test_a_short_wish_does_not_shorten_the_backoff() -> None:
    assert delay_before_retry(RateLimited(retry_after=1), 3, jitter=none) == 8.0


def test_a_permanent_error_is_not_tried_again() -> None:
    assert delay_before_retry(Unavailable(), 1) is None


def test_attempts_are_bounded() -> None:
    assert delay_before_retry(NetworkError(), conf.MAX_ATTEMPTS) is None
    assert delay_before_retry(NetworkError(), conf.MAX_ATTEMPTS - 1) is not None


@pytest.mark.parametrize(
    ("reclaims", "alone", "lost"), [(1, False, False), (2, True, False), (3, True, True)]
)
def test_suspicion_grows_with_each_lost_worker(reclaims: int, alone: bool, lost: bool) -> None:
    assert (runs_alone(reclaims), lost_for_good(reclaims)) == (alone, lost)
