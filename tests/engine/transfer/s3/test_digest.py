"""The hash of parts that end out of order, in bounded memory."""

from __future__ import annotations

from downloads.engine.transfer.sinks.digest_in_order import PATIENCE, DigestInOrder
from downloads.engine.transfer.sinks.parts import FilledPart, Parts
from tests.support.content import content, sha256

SIZE = 10
DATA = content(4 * SIZE)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def wait(digest: DigestInOrder, clock: Clock, seconds: float) -> None:
    """Wait as connections do that find no room."""
    until = clock.now + seconds
    while clock.now < until:
        clock.now += 0.01
        digest.room_wanted()


def fill(parts: Parts, number: int) -> FilledPart:
    start = (number - 1) * SIZE
    assert parts.room(start, SIZE) == SIZE
    part = parts.write(start, memoryview(DATA)[start : start + SIZE])
    assert part is not None
    parts.submit(part)
    return part


def test_parts_wait_in_memory_for_those_before_them() -> None:
    parts = Parts(SIZE, len(DATA), buffers=4)
    digest = DigestInOrder(parts, lost=False)
    for number in (2, 4, 3):
        parts.stored(fill(parts, number))
        assert not digest.follow()
    assert parts.pending == 0, "stored is stored"
    parts.stored(fill(parts, 1))
    while digest.follow():
        pass
    assert digest.of(4) == sha256(DATA)
    assert not parts.keeps


def test_a_part_that_is_hashed_first_is_kept_until_it_is_stored() -> None:
    parts = Parts(SIZE, len(DATA), buffers=1)
    digest = DigestInOrder(parts, lost=False)
    part = fill(parts, 1)
    assert digest.follow()
    assert parts.room(SIZE, 1) == 0
    parts.stored(part)
    assert parts.room(SIZE, 1) == 1


def test_a_part_that_comes_too_late_costs_the_hash_and_not_the_transfer() -> None:
    clock = Clock()
    parts = Parts(SIZE, len(DATA), buffers=2)
    digest = DigestInOrder(parts, lost=False, clock=clock)
    for number in (2, 3):
        parts.stored(fill(parts, number))
    digest.room_wanted()
    assert parts.room(3 * SIZE, 1) == 0, "perhaps the first comes in a moment"
    wait(digest, clock, PATIENCE + 0.1)
    assert parts.room(3 * SIZE, 1) == 1
    assert digest.of(4) is None


def test_what_can_be_hashed_is_not_given_up() -> None:
    clock = Clock()
    parts = Parts(SIZE, len(DATA), buffers=1)
    digest = DigestInOrder(parts, lost=False, clock=clock)
    parts.stored(fill(parts, 1))
    wait(digest, clock, PATIENCE + 0.1)
    assert digest.follow()
    assert parts.room(SIZE, 1) == 1
