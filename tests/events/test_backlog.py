"""The order of events: in turn, of progress only the newest, nothing behind what is newer."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from downloads.events import backlog
from downloads.events.backlog import Backlog
from downloads.events.outbound_event import OutboundEvent


def state(seq: int | None, of: str = "a", user: int = 1) -> OutboundEvent:
    return OutboundEvent(user, f"state {seq}", of, seq)


def progress(seq: int, of: str = "a", user: int = 1) -> OutboundEvent:
    return OutboundEvent(user, f"progress {seq}", of, seq, is_progress=True)


def taken(waiting: Backlog) -> list[str]:
    found = []
    while waiting:
        found.append(waiting.pop().text)
    return found


def test_states_go_out_in_order_and_all() -> None:
    waiting = Backlog()
    for seq in range(5):
        waiting.put(state(seq))
    assert taken(waiting) == [f"state {seq}" for seq in range(5)]


def test_while_redis_is_slow_only_the_newest_progress_waits() -> None:
    waiting = Backlog()
    for seq in range(1, 4):
        waiting.put(progress(seq))
        waiting.put(progress(seq, of="b"))
    assert taken(waiting) == ["progress 3", "progress 3"]


def test_a_state_makes_the_progress_before_it_needless() -> None:
    waiting = Backlog()
    waiting.put(progress(1))
    assert taken(waiting) == ["progress 1"]
    waiting.put(progress(2))
    waiting.put(state(3))
    assert taken(waiting) == ["state 3"]


def test_what_is_older_does_not_go_out_behind_what_is_newer() -> None:
    waiting = Backlog()
    waiting.put(state(5))
    waiting.put(progress(4))
    waiting.put(state(5))
    assert taken(waiting) == ["state 5"]
    waiting.put(state(1, of="b"))
    assert taken(waiting) == ["state 1"]


def test_news_of_content_has_no_order() -> None:
    waiting = Backlog()
    waiting.put(state(None, of=""))
    waiting.put(state(None, of=""))
    assert len(taken(waiting)) == 2


def test_it_is_bounded_and_says_who_lost_something() -> None:
    waiting = Backlog()
    for number in range(backlog.LONGEST + 3):
        waiting.put(state(1, of=str(number), user=number))
    assert waiting.take_lost() == {0, 1, 2}
    assert waiting.take_lost() == set()
    assert len(taken(waiting)) == backlog.LONGEST


def test_dropping_says_who_lost_something() -> None:
    waiting = Backlog()
    waiting.put(state(1, user=1))
    waiting.put(progress(1, of="b", user=2))
    waiting.drop()
    assert waiting.take_lost() == {1, 2}
    assert not waiting


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 60), st.booleans()), max_size=80))
def test_whatever_comes_in_what_goes_out_ends_with_the_newest(
    came: list[tuple[bool, int, bool]],
) -> None:
    waiting = Backlog()
    out: list[OutboundEvent] = []
    states = 0
    newest = -1
    for is_progress, seq, is_sent in came:
        states += not is_progress and seq > newest
        newest = max(newest, seq)
        waiting.put(progress(seq) if is_progress else state(seq))
        if is_sent and waiting:
            out.append(waiting.pop())
    while waiting:
        out.append(waiting.pop())

    sent = [news.seq for news in out if news.seq is not None]
    assert sent == sorted(set(sent))
    assert sum(not news.is_progress for news in out) == states
    if came:
        assert sent[-1] == newest
