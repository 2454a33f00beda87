"""The arithmetic of the parent's bar."""

from __future__ import annotations

from itertools import count
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from downloads.schemas.group_progress import Member, progress_of
from downloads.schemas.groups import GroupLabels

_numbers = count()
STATUSES = ["queued", "running", "paused", "completed", "failed", "cancelled", "expired"]


def member(status: str, **facts: Any) -> Member:
    return Member(id=str(next(_numbers)), status=status, **facts)


def test_nothing_yet() -> None:
    now = progress_of([member("queued"), member("queued")])
    assert (now.percent, now.total, now.status, now.eta) == (0.0, None, "queued", None)


def test_without_sizes_each_counts_the_same() -> None:
    assert progress_of([member("completed"), member("queued")]).percent == 50.0


def test_bytes_count_not_heads() -> None:
    small = [member("completed", total=10, done=10) for _ in range(3)]
    now = progress_of([*small, member("running", total=970, progress=10, done=97, speed=97.0)])
    assert (now.percent, now.total, now.is_estimate) == (12.7, 1000, False)
    assert (now.status, now.done, now.eta) == ("running", 127, 9.0)


def test_what_is_not_measured_weighs_as_the_mean() -> None:
    now = progress_of([member("completed", total=100), *(member("queued") for _ in range(3))])
    assert (now.percent, now.total, now.is_estimate) == (25.0, 400, True)


def test_it_is_put_into_words() -> None:
    now = progress_of(
        [
            member("completed", total=10_000_000, done=10_000_000),
            member("running", total=30_000_000, progress=50, done=15_000_000, speed=1.5e6),
            member("queued"),
        ]
    )
    labels = GroupLabels.of(now)
    assert (labels.finished, labels.amount) == ("1 of 3", "25.0 of about 60.0 MB")
    assert (labels.speed, labels.eta) == ("1.5 MB/s", "23 s left")
    none = GroupLabels.of(progress_of([member("queued")]))
    assert (none.amount, none.speed, none.eta) == ("", "", "")


def test_the_cancelled_do_not_count() -> None:
    now = progress_of([member("completed", total=10), member("cancelled", total=90)])
    assert (now.percent, now.status, now.finished, now.wanted, now.count) == (
        100.0,
        "completed",
        1,
        1,
        2,
    )


def test_a_hundred_only_when_all_has_arrived() -> None:
    done = [member("completed", total=1_000_000) for _ in range(50)]
    assert progress_of([*done, member("failed", total=1)]).percent == 99.9
    assert progress_of([*done, member("running", total=1, progress=99.9)]).percent == 99.9


members = st.lists(
    st.builds(
        member,
        st.sampled_from(STATUSES),
        progress=st.floats(0, 99.9),
        total=st.none() | st.integers(0, 10**12),
        speed=st.floats(0, 1e9),
    ),
    max_size=20,
)


@given(members)
def test_it_stays_within_bounds(some: list[Member]) -> None:
    now = progress_of(some)
    assert 0 <= now.percent <= 100
    assert now.count == len(some)
    assert sum(share for _, share in now.running) <= 1.000001
    wanted = [one for one in some if one.status != "cancelled"]
    all_in = bool(wanted) and all(one.status in ("completed", "expired") for one in wanted)
    assert (now.percent == 100) == all_in
