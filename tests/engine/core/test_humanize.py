from __future__ import annotations

import pytest

from downloads.engine.core.humanize import (
    amount_in_words,
    clock,
    shortened,
    size_in_words,
    speed_in_words,
    wait_in_words,
)


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (600, "600 bytes"),
        (999, "999 bytes"),
        (1000, "1 kB"),
        (999_400, "999 kB"),
        (999_600, "1 MB"),
        (48_000_000, "48 MB"),
        (48_230_000, "48.2 MB"),
        (999_999_999, "1 GB"),
        (5_910_000_000, "5.91 GB"),
        (2_000_000_000_000, "2 TB"),
    ],
)
def test_size(size: int, words: str) -> None:
    assert size_in_words(size) == words


def test_amounts_share_a_unit() -> None:
    assert amount_in_words(1_550_000_000, 5_910_000_000) == "1.55 of 5.91 GB"
    assert amount_in_words(0, 48_000_000) == "0.0 of 48.0 MB"
    assert amount_in_words(12_340_000, None) == "12.3 MB so far"


def test_speed() -> None:
    assert speed_in_words(12_400_000.0) == "12.4 MB/s"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "1 s"),
        (59, "59 s"),
        (352, "6 min"),
        (3599, "1 h"),
        (7500, "2 h 5 min"),
        (86_400, "24 h"),
        (3 * 86_400, "3 days"),
    ],
)
def test_wait(seconds: float, words: str) -> None:
    assert wait_in_words(seconds) == words


def test_clock() -> None:
    assert clock(205) == "3:25"
    assert clock(3727) == "1:02:07"


def test_shortened() -> None:
    assert shortened("a" * 80) == "a" * 80
    assert len(shortened("a" * 81)) == 80
