"""The order of events: states at once and in order, progress seldom and only the newest."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from downloads import conf
from downloads.events import backlog
from downloads.events.backlog import Backlog
from downloads.events.outbound_event import OutboundEvent


def state(seq: int | None, of: str = "a", user: int = 1) -> OutboundEvent:
    return OutboundEvent(user, f"state {seq}", of, seq)


def progress(seq: int, of: str = "a", user: int = 1) -> OutboundEvent:
    return OutboundEvent(user, f"progress {seq}", of, seq, is_progress=True)


def taken(waiting: Backlog, now: float) -> list[str]:
    found = []
    while (news := waiting.take(now)) is not None:
        found.append(news.text)
    return found


def test_states_go_out_in_order_and_all() -> None:
    waiting = Backlog()
    for seq in range(5):
        waiting.add(state(seq))
    assert taken(waiting, 0) == [f"state {seq}" for seq in range(5)]


def test_the_first_progress_goes_at_once_the_next_in_its_time() -> None:
    waiting = Backlog()
    waiting.add(progress(1))
    assert taken(waiting, 10.0) == ["progress 1"]
    waiting.add(progress(2))
    waiting.add(progress(3))
    assert taken(waiting, 10.1) == []
    assert waiting.due_in(10.1) == pytest.approx(conf.PROGRESS_INTERVAL - 0.1)
    assert taken(waiting, 10.0 + conf.PROGRESS_INTERVAL) == ["progress 3"]
    assert waiting.due_in(20.0) is None


def test_a_state_makes_the_progress_before_it_needless() -> None:
    waiting = Backlog()
    waiting.add(progress(1))
    assert taken(waiting, 0.0) == ["progress 1"]
    waiting.add(progress(2))
    waiting.add(state(3))
    assert taken(waiting, 60.0) == ["state 3"]


def test_what_is_older_does_not_go_out_behind_what_is_newer() -> None:
    waiting = Backlog()
    waiting.add(state(5))
    waiting.add(progress(4))
    waiting.add(state(5))
    assert taken(waiting, 0.0) == ["state 5"]
    waiting.add(state(1, of="b"))
    assert taken(waiting, 0.0) == ["state 1"]


def test_news_of_content_has_no_order() -> None:
    waiting = Backlog()
    waiting.add(state(None, of=""))
    waiting.add(state(None, of=""))
    assert len(taken(waiting, 0.0)) == 2


def test_it_is_bounded_and_says_who_lost_something() -> None:
    waiting = Backlog()
    for number in range(backlog.LONGEST + 3):
        waiting.add(state(1, of=str(number), user=number))
    assert waiting.take_lost() == {0, 1, 2}
    assert waiting.take_lost() == set()
    assert len(taken(waiting, 0.0)) == backlog.LONGEST


def test_dropping_says_who_lost_something() -> None:
    waiting = Backlog()
    waiting.add(state(1, user=1))
    waiting.add(progress(1, of="b", user=2))
    waiting.drop()
    assert waiting.take_lost() == {1, 2}
    assert waiting.due_in(0.0) is None


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 60)), max_size=80))
def test_whatever_comes_in_what_goes_out_is_seldom_and_ends_with_the_newest(
    came: list[tuple[bool, int]],
) -> None:
    waiting = Backlog()
    out: list[OutboundEvent] = []
    told_at: list[float] = []

    def drain(now: float) -> None:
        while (news := waiting.take(now)) is not None:
            out.append(news)
            if news.is_progress:
                told_at.append(now)

    for tick, (is_progress, seq) in enumerate(came):
        waiting.add(progress(seq) if is_progress else state(seq))
        drain(tick * 0.05)
    drain(1000.0)

    sent = [news.seq for news in out if news.seq is not None]
    assert sent == sorted(set(sent))
    pauses = [later - earlier for earlier, later in pairwise(told_at)]
    assert all(pause >= conf.PROGRESS_INTERVAL - 1e-9 for pause in pauses)
    if came:
        assert sent[-1] == max(seq for _, seq in came)
