"""One socket's queue: bounded, in order, nothing behind what is newer."""

from __future__ import annotations

import asyncio

from downloads.events.outbound_event import OutboundEvent
from downloads.events.send_queue import MOST, PATIENCE, SendQueue


def state(seq: int | None, of: str = "a", base: int | None = None) -> OutboundEvent:
    return OutboundEvent(1, f"state {seq}", of, seq, seq_base=base)


def progress(seq: int, of: str = "a", base: int | None = None) -> OutboundEvent:
    return OutboundEvent(1, f"progress {seq} of {of}", of, seq, is_progress=True, seq_base=base)


def taken(outbox: SendQueue) -> list[str]:
    async def all_of_it() -> list[str]:
        found = []
        while True:
            try:
                async with asyncio.timeout(0.01):
                    news = await outbox.take()
            except TimeoutError:
                return found
            found.append("snapshot" if news is None else news.text)

    return asyncio.run(all_of_it())


def test_only_the_newest_progress_of_each_waits() -> None:
    outbox = SendQueue()
    for seq in range(1, 9):
        outbox.put(progress(seq, of="a"))
        outbox.put(progress(seq, of="b"))
    assert taken(outbox) == ["progress 8 of a", "progress 8 of b"]


def test_a_state_is_never_left_out() -> None:
    outbox = SendQueue()
    for seq in range(1, 7, 2):
        outbox.put(progress(seq))
        outbox.put(state(seq + 1))
    assert taken(outbox) == ["state 2", "state 4", "state 6"]


def test_nothing_comes_behind_what_is_newer() -> None:
    outbox = SendQueue()
    outbox.put(state(5))
    outbox.put(progress(4))
    outbox.put(state(5))
    outbox.put(state(None, of=""))
    assert taken(outbox) == ["state 5", "state None"]


def test_what_stands_in_the_snapshot_is_not_said_again() -> None:
    outbox = SendQueue()
    outbox.put(state(5))
    outbox.put(state(7, of="b"))
    outbox.saw("a", 6, seq_base=1)
    outbox.saw("b", 6, seq_base=1)
    assert taken(outbox) == ["state 7"]


def test_one_snapshot_waits_in_its_turn() -> None:
    outbox = SendQueue()
    outbox.put(state(1))
    outbox.put_snapshot()
    outbox.put_snapshot()
    outbox.put(state(2))
    assert taken(outbox) == ["state 1", "snapshot", "state 2"]


def test_a_client_that_does_not_read_gets_a_snapshot_of_all_it_missed() -> None:
    outbox = SendQueue()
    for number in range(MOST + 1):
        outbox.put(state(1, of=str(number)))
    assert taken(outbox) == ["snapshot"]


def test_a_figure_does_not_overtake_the_state_that_it_belongs_to() -> None:
    outbox = SendQueue()
    outbox.put(state(5, base=1))  # paused
    outbox.put(progress(7, base=2))
    outbox.put(state(6, base=2))  # resumed, told by another process
    outbox.put(progress(8, base=2))
    assert taken(outbox) == ["state 5", "state 6", "progress 8 of a"]


def test_a_figure_waits_for_the_state_after_a_snapshot_too() -> None:
    outbox = SendQueue()
    outbox.saw("a", 5, seq_base=1)
    outbox.put(progress(7, base=2))
    outbox.put(state(6, base=2))
    assert taken(outbox) == ["state 6"]


def test_a_state_that_never_comes_is_read_from_the_ledger() -> None:
    outbox = SendQueue()
    outbox.put(state(5, base=1))
    for seq in range(7, 7 + PATIENCE):
        outbox.put(progress(seq, base=2))
    outbox.saw("a", 20, seq_base=2)
    outbox.put(progress(21, base=2))
    assert taken(outbox) == ["snapshot", "progress 21 of a"]


def test_a_figure_without_a_state_before_it_is_told() -> None:
    outbox = SendQueue()
    outbox.put(progress(3, base=2))
    assert taken(outbox) == ["progress 3 of a"]
