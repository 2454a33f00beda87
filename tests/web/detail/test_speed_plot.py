from __future__ import annotations

import re

import pytest

from downloads.web.download.speed_plot import HEIGHT, WIDTH, speed_plot


def test_it_fills_its_box_and_no_more() -> None:
    plot = speed_plot([[0.5, 1_000_000], [1.0, 3_000_000], [2.0, 2_000_000]])

    assert plot is not None
    numbers = [tuple(map(float, pair)) for pair in re.findall(r"([\d.]+) ([\d.]+)", plot.line)]
    assert numbers[0][0] == 0
    assert numbers[-1][0] == WIDTH
    assert all(0 <= y <= HEIGHT for _, y in numbers)
    assert 0 < plot.mean_at < HEIGHT


def test_it_says_in_words_what_it_shows() -> None:
    plot = speed_plot([[10, 1_000_000], [20, 3_000_000]])

    assert plot is not None
    assert plot.spoken == "Speed over 20 s: average 2 MB/s, peak 3 MB/s"


def test_the_mean_is_over_time_not_over_samples() -> None:
    plot = speed_plot([[9, 1_000_000], [10, 11_000_000]])

    assert plot is not None
    assert plot.mean == "2 MB/s"


@pytest.mark.parametrize("samples", [[], [[1, 5]], [[0, 1], [0, 2]], [[1, 0], [2, 0]]])
def test_too_little_to_draw(samples: list[list[float]]) -> None:
    assert speed_plot(samples) is None
