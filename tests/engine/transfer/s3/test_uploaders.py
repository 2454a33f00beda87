"""The number of uploaders: more for a storage that is far, few for one that is near."""

from __future__ import annotations

import threading

import pytest

from downloads.engine.transfer.sinks.parts import FilledPart
from downloads.engine.transfer.sinks.uploaders import FIRST, MOST, Crew, Uploaders
from tests.support.stack import until

MB = 1_000_000


def sizes(*rates: float | None, slow: bool = False) -> list[int]:
    crew, found = Crew(), []
    for rate in rates:
        crew = crew.grow(rate, slow)
        found.append(crew.size)
    return found


def test_more_as_long_as_a_quarter_more_is_carried() -> None:
    assert sizes(100 * MB, 190 * MB, 350 * MB) == [4, 8, 16]


def test_what_brought_nothing_is_taken_back_for_good() -> None:
    assert sizes(100 * MB, 110 * MB, 900 * MB) == [4, 2, 2]
    assert sizes(100 * MB, 190 * MB, 200 * MB) == [4, 8, 4]


def test_a_far_storage_is_not_waited_for_until_a_part_is_carried() -> None:
    assert sizes(None, None, None, slow=True) == [8, MOST, MOST]
    assert sizes(None, None) == [FIRST, FIRST]


def test_the_last_growth_is_judged_too() -> None:
    crew = Crew(size=MOST, rate=100 * MB, before=12)
    assert crew.grow(130 * MB, slow=False).size == MOST
    assert crew.grow(110 * MB, slow=False).size == 12


def filled(number: int) -> FilledPart:
    part = FilledPart(number, bytearray(10), 10)
    part.filled = 10
    return part


@pytest.fixture
def clock() -> list[float]:
    return [0.0]


def test_those_who_are_too_many_go(clock: list[float]) -> None:
    """A storage that takes one part at a time, however many bring them."""
    turn, most = threading.Semaphore(0), [0]
    at_work: set[threading.Thread] = set()
    done: list[int] = []

    def carry(part: FilledPart) -> None:
        at_work.add(threading.current_thread())
        most[0] = max(most[0], len(at_work))
        turn.acquire(timeout=10)
        at_work.discard(threading.current_thread())
        done.append(part.number)

    failures: list[Exception] = []
    uploaders = Uploaders(carry, failures.append, lambda: clock[0])
    uploaders.begin()
    for number in range(1, 21):
        uploaders.submit(filled(number))
    for count in range(1, 17):
        clock[0] += 0.06
        turn.release()
        assert until(lambda count=count: len(done) == count)
        uploaders.look()
    assert most[0] == 2 * FIRST
    assert until(lambda: len(at_work) == FIRST)
    uploaders.close()
    turn.release(10)
    assert not failures


def test_the_first_parts_show_no_rate(clock: list[float]) -> None:
    """They pay for their connections: slow as they are, any growth would seem to pay after them."""
    done: list[int] = []
    uploaders = Uploaders(lambda part: done.append(part.number), [].append, lambda: clock[0])
    uploaders.begin()
    clock[0] = 10.0
    for number in range(1, FIRST + 1):
        uploaders.submit(filled(number))
    assert until(lambda: uploaders._connected)
    clock[0] = 11.0
    for number in range(FIRST + 1, 2 * FIRST + 1):
        uploaders.submit(filled(number))
    assert until(lambda: uploaders._rate(clock[0]) is not None)
    assert uploaders._rate(clock[0]) == 10 * FIRST / 1.0
    uploaders.close()
