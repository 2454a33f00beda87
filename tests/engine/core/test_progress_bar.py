"""The one bar: it only grows, it moves with the work, and it does not wait at its end."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from downloads.engine.core.progress import Progress
from downloads.engine.core.progress_bar import NOT_QUITE_DONE, Bar

MIB = 1024 * 1024
NOTHING = Progress(0)
counts = st.integers(0, 10**12)
speeds = st.floats(0, 10**9, allow_nan=False)
steps = st.lists(st.tuples(counts, st.none() | counts, speeds), max_size=30)
seconds = st.floats(0, 10**5, allow_nan=False)


@given(steps, seconds, seconds, st.lists(st.floats(-1, 2, allow_nan=False), max_size=10))
def test_whatever_is_said_it_never_falls_and_never_says_done(
    told: list[tuple[int, int | None, float]],
    processing: float,
    storing: float,
    fractions: list[float],
) -> None:
    bar = Bar(processing=processing, storing=storing)
    shown = [bar.fetched(Progress(done, total, speed)).percent for done, total, speed in told]
    bar.begin()
    shown += [bar.processed(NOTHING, fraction).percent for fraction in fractions]
    bar.begin()
    shown += [bar.stored(NOTHING, fraction).percent for fraction in fractions]
    assert all(0 <= progress <= NOT_QUITE_DONE for progress in shown)
    assert all(before <= after for before, after in pairwise(shown))


@given(st.integers(1, 10**12), st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_with_nothing_to_come_after_it_is_the_share_of_the_bytes(
    total: int, parts: list[float]
) -> None:
    bar = Bar()
    for part in sorted(parts):
        done = int(total * part)
        shown = bar.fetched(Progress(done, total, 1.0)).percent
        assert shown == pytest.approx(min(100 * done / total, NOT_QUITE_DONE), abs=1e-6)


@given(st.floats(1, 90), st.floats(1, 90))
def test_phases_have_their_share_of_the_time(processing: float, storing: float) -> None:
    bar, total, speed = Bar(processing=processing, storing=storing), 100 * MIB, float(MIB)
    whole = total / speed + processing + storing
    shown = [bar.fetched(Progress(done * MIB, total, speed)).percent for done in range(0, 101, 10)][
        -1
    ]
    assert shown == pytest.approx(100 * 100 / whole, rel=1e-6)
    bar.begin()
    shown = [bar.processed(NOTHING, part / 10).percent for part in range(11)][-1]
    assert shown == pytest.approx(100 * (100 + processing) / whole, rel=1e-6)
    bar.begin()
    assert [bar.stored(NOTHING, part / 10).percent for part in range(11)][-1] == NOT_QUITE_DONE


def test_an_estimate_that_doubles_slows_the_bar_and_does_not_stop_it() -> None:
    bar = Bar()
    before = bar.fetched(Progress(50, 100, 1.0)).percent
    after = bar.fetched(Progress(60, 200, 1.0)).percent
    assert before == 50
    assert before < after < 60
    assert bar.fetched(Progress(200, 200, 1.0)).percent == NOT_QUITE_DONE


def test_an_estimate_that_falls_does_not_make_it_jump() -> None:
    bar = Bar()
    bar.fetched(Progress(10, 1000, 1.0))
    assert bar.fetched(Progress(10, 20, 1.0)).percent == 1.0, "nothing was done, so nothing moves"
    assert bar.fetched(Progress(15, 20, 1.0)).percent == pytest.approx(50.5)


def test_a_source_that_is_begun_again_leaves_the_bar_where_it_is() -> None:
    bar = Bar()
    bar.fetched(Progress(80, 100, 1.0))
    assert bar.fetched(Progress(0, 100, 1.0)).percent == 80
    assert bar.fetched(Progress(50, 100, 1.0)).percent == pytest.approx(90)


def test_the_time_left_counts_all_phases() -> None:
    bar = Bar(processing=4, storing=6)
    assert bar.fetched(Progress(50, 100, 10.0)).eta == pytest.approx(15)
    assert bar.fetched(Progress(50, 100, 0.0)).eta is None
    assert bar.fetched(Progress(50, None, 10.0)).eta is None
    assert bar.processed(NOTHING, 0.5).eta == pytest.approx(8)
    assert bar.stored(NOTHING, 0.5).eta == pytest.approx(3)
