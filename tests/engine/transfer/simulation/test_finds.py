"""The simulation is worth something: it finds what each rule is there to prevent."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import pytest

from downloads.engine.core.byte_range import ByteRange
from downloads.engine.transfer import engine, http
from downloads.engine.transfer.checkpoint import Checkpoint
from downloads.engine.transfer.http import Version
from downloads.engine.transfer.segments import Segment, SegmentMap
from downloads.engine.transfer.unflushed import UnflushedRanges
from tests.engine.transfer.simulation.life import assert_found
from tests.engine.transfer.simulation.network import DELIVERIES, Answer
from tests.engine.transfer.simulation.test_engine import is_exact
from tests.engine.transfer.simulation.world import Script, live

LIVES = 1500
Patch = pytest.MonkeyPatch


def no_cut(patch: Patch) -> None:
    """An owner writes on into what another has been given."""

    def reserve(self: SegmentMap, segment: Segment, count: int) -> tuple[int, int]:
        with self._lock:
            offset = segment.position
            if segment.released:
                return offset, 0
            segment.position += count
            return offset, count

    patch.setattr(SegmentMap, "reserve", reserve)


def released_is_free(patch: Patch) -> None:
    """A range still on its way is given to another connection."""

    def release(self: SegmentMap, segment: Segment) -> None:
        with self._lock:
            self._retire(segment)

    patch.setattr(SegmentMap, "release", release)


def flushed_before_asked(patch: Patch) -> None:
    """The checkpoint names what was written while the flush was under way."""

    def flush(self: UnflushedRanges) -> Sequence[ByteRange] | None:
        if self._segments.written == self._written:
            return None
        self._sink.flush(self._segments.written)
        self._written = self._segments.written
        return self._written

    patch.setattr(UnflushedRanges, "flush", flush)


def any_version(patch: Patch) -> None:
    patch.setattr(http, "check_version", lambda *_: None)


def part_before_checkpoint(patch: Patch) -> None:
    """The part is emptied while the checkpoint still names what was in it."""

    def begin(
        self: engine._FileTransfer, version: Version, kept: Checkpoint | None
    ) -> Sequence[ByteRange]:
        return self._job.target.open(version.total, kept)

    patch.setattr(engine._FileTransfer, "_begin_sink", begin)


def no_waiting_for_writes(patch: Patch) -> None:
    """A write of the version before gets into the part of the next."""
    patch.setattr(engine._FileTransfer, "_await_writes", lambda self: None)


BROKEN = (
    no_cut,
    released_is_free,
    flushed_before_asked,
    any_version,
    part_before_checkpoint,
    no_waiting_for_writes,
)


def script(seed: int) -> Script:
    """Rough lives: many changes, cuts and kills."""
    chance = random.Random(seed)
    answers = (
        Answer(chance.choice((*DELIVERIES, "changed", "well")), chance.randrange(2000))
        for _ in range(12)
    )
    kills = tuple(chance.randrange(50, 900) for _ in range(2))
    return Script(seed, chance.randrange(2000, 9000), tuple(answers), kills, 8, 4)


def ends_well(seed: int) -> bool:
    return is_exact(live(script(seed)))


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.slow
def test_it_finds(broken: Callable[[Patch], None], monkeypatch: Patch) -> None:
    assert_found(broken, monkeypatch, ends_well, LIVES)


@pytest.mark.slow
def test_the_same_lives_are_fine_unbroken() -> None:
    assert all(ends_well(seed) for seed in range(60))
