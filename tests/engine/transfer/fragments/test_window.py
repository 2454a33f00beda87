"""The window and the estimate, alone: any order of answers and failures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from downloads.engine.core.media import Fragment
from downloads.engine.transfer.fragments.estimate import SizeEstimate
from downloads.engine.transfer.fragments.window import Window

MOST = 10**11  # bytes


@given(
    total=st.integers(1, 40),
    width=st.integers(1, 12),
    done=st.sets(st.integers(0, 39)),
    limit=st.integers(1, 9),
    ends=st.lists(st.tuples(st.integers(0, 8), st.booleans()), max_size=60),
)
def test_every_fragment_is_completed_once_and_in_the_window(
    total: int, width: int, done: set[int], limit: int, ends: list[tuple[int, bool]]
) -> None:
    """Attempts end in any order, well or not; then all go well."""
    complete = {index for index in done if index < total}
    window = Window(total, width, complete)
    taken: list[int] = []
    for place, goes_well in [*ends, *[(0, True)] * total]:
        if window.is_complete:
            break
        first = min(set(range(total)) - complete)
        assert window.first == first
        while len(taken) < limit and (index := window.take(lambda index: True)) is not None:
            assert first <= index < first + width
            assert index not in complete
            assert index not in taken
            taken.append(index)
        assert taken, "with everything due, something is always under way"
        index = taken.pop(place % len(taken))
        if goes_well:
            window.complete(index)
            complete.add(index)
        else:
            window.give_back(index)
    assert window.is_complete
    assert complete == set(range(total))


def test_the_first_is_taken_first_and_one_that_waits_is_passed_over() -> None:
    window = Window(6, 3)
    assert [window.take(lambda index: index != 1) for _ in range(3)] == [0, 2, None]
    window.complete(2)
    assert window.take(lambda index: index != 1) is None, "the window begins at what is missing"
    assert window.take(lambda index: True) == 1


def fragments(durations: list[float], init: bool = False) -> list[Fragment]:
    first = [Fragment("http://a/i", init=True)] if init else []
    return first + [Fragment("http://a/f", duration=duration) for duration in durations]


def test_the_estimate_goes_by_duration_and_leaves_the_header_out() -> None:
    estimate = SizeEstimate(fragments([2, 2, 2, 1], init=True), {}, MOST)
    assert estimate.total(0, {}) is None
    estimate.learn(0, 50)
    assert estimate.total(50, {}) is None
    assert estimate.total(50, {1: 2000}) == 50 + 7000
    estimate.learn(1, 2000)
    assert estimate.total(2050, {}) == 7050


@pytest.mark.parametrize("shortest", [1e-6, 5e-324])
def test_durations_that_mislead_beyond_the_limit_tell_nothing(shortest: float) -> None:
    estimate = SizeEstimate(fragments([shortest, 1e7, 1e7]), {0: 1000}, MOST)
    assert estimate.total(1000, {}) is None
    assert estimate.total(1000, {1: 10**6}) == pytest.approx(2 * 10**6, rel=0.01)


def test_without_durations_each_counts_alike() -> None:
    estimate = SizeEstimate(fragments([0, 3, 3]), {1: 100}, MOST)
    assert estimate.total(100, {}) == 300


@given(sizes=st.lists(st.integers(1, 1000), min_size=1, max_size=30))
def test_the_share_never_falls_and_ends_at_all_of_it(sizes: list[int]) -> None:
    estimate = SizeEstimate(fragments([2.0] * len(sizes)), {}, MOST)
    done, share = 0, 0.0
    for index, size in enumerate(sizes):
        estimate.learn(index, size)
        done += size
        total = estimate.total(done, {})
        assert total is not None
        assert done <= total
        assert done / total >= share - 1 / total
        share = done / total
    assert total == sum(sizes) == pytest.approx(done)
