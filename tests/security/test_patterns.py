"""No regular expression of the product can be made to take more than linear time.

One that looks again from each letter (quadratic) held the web process for four seconds with 16 kB
of slashes, which anyone may send.
"""

from __future__ import annotations

import re

import pytest

from tests.security.growth import MOST, growth, seconds
from tests.security.patterns import Use, hostile, uses

AT_FIRST = 1000  # characters with which the worst of a pattern's texts are found
WORST = 3


@pytest.mark.parametrize("use", uses(), ids=str)
def test_a_pattern_takes_linear_time(use: Use) -> None:
    texts = sorted(hostile(use.pattern), key=lambda text: -seconds(use.run, text(AT_FIRST)))
    for text in texts[:WORST]:
        assert growth(use.run, text) <= MOST, (use.pattern.pattern, text(60))


@pytest.mark.parametrize("source", [r"a+://", r"<a>(.*?)</a>"])
def test_a_pattern_that_looks_again_is_found(source: str) -> None:
    use = Use("here", "search", re.compile(source))
    worst = max(hostile(use.pattern), key=lambda text: seconds(use.run, text(AT_FIRST)))
    assert growth(use.run, worst) > MOST


def test_the_patterns_are_found() -> None:
    found = {use.where.partition(":")[0] for use in uses()}
    assert {"config.parsing", "config.server.logs", "downloads.delivery.ranges"} <= found
    assert len(uses()) > 200
