"""The simulation of fragments is worth something: it finds what each rule is there to prevent."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from downloads.engine.core.media import FragmentList
from downloads.engine.transfer.fragments import engine
from downloads.engine.transfer.fragments.checkpoint import FragmentCheckpoint, Run, runs_of
from downloads.engine.transfer.fragments.engine import FragmentsOutcome
from downloads.engine.transfer.fragments.receiver import FragmentReceiver
from downloads.engine.transfer.fragments.source import FragmentSource
from downloads.engine.transfer.fragments.unflushed import UnflushedFragments
from downloads.engine.transfer.fragments.window import Window
from tests.engine.transfer.simulation.fragment_site import SHAPES
from tests.engine.transfer.simulation.fragment_world import FragmentScript, live
from tests.engine.transfer.simulation.life import assert_found
from tests.engine.transfer.simulation.network import DELIVERIES, Answer
from tests.engine.transfer.simulation.test_fragments import is_exact

LIVES = 300
Patch = pytest.MonkeyPatch


def two_owners(patch: Patch) -> None:
    """A fragment under way is given to another attempt."""

    def take(self: Window, is_due: Callable[[int], bool]) -> int | None:
        window = range(self.first, self.end)
        return next((each for each in window if not self._complete[each] and is_due(each)), None)

    patch.setattr(Window, "take", take)


def named_before_synced(patch: Patch) -> None:
    """The checkpoint names what was completed while the sync was under way."""

    def flush(self: UnflushedFragments) -> tuple[Run, ...] | None:
        if not self._pending:
            return None
        self._spool.sync(sorted(self._pending))
        self._durable = runs_of(self._pending, self._durable)
        self._pending.clear()
        return self._durable

    patch.setattr(UnflushedFragments, "flush", flush)


def spool_before_checkpoint(patch: Patch) -> None:
    """The spool is emptied while the checkpoint still names what was in it."""

    def fetch(self: engine._FragmentsTransfer, kept: FragmentCheckpoint | None) -> FragmentsOutcome:
        self._job.target.begin(self._source.listing, None)
        return whole(self, kept)

    whole = engine._FragmentsTransfer._fetch
    patch.setattr(engine._FragmentsTransfer, "_fetch", fetch)


def any_list(patch: Patch) -> None:
    """A list that was loaded again is taken for the same one."""

    def accept(self: FragmentSource, found: FragmentList) -> None:
        self._listing = found
        self.version += 1

    patch.setattr(FragmentSource, "accept", accept)


def any_end(patch: Patch) -> None:
    """A body that ends early is a whole one."""
    whole = FragmentReceiver.end_of_body

    def end_of_body(self: FragmentReceiver) -> None:
        self._end = None
        whole(self)

    patch.setattr(FragmentReceiver, "end_of_body", end_of_body)


def failed_is_counted(patch: Patch) -> None:
    """The bytes of a failed attempt stay in the sum."""
    patch.setattr(FragmentReceiver, "give_up", lambda self: None)


BROKEN = (
    two_owners,
    named_before_synced,
    spool_before_checkpoint,
    any_list,
    any_end,
    failed_is_counted,
)


def script(seed: int) -> FragmentScript:
    """Rough lives: many changes, cuts and kills."""
    chance = random.Random(seed)
    kinds = (*DELIVERIES * 2, *("well", "cut", "short body") * 4, "expired")
    answers = (Answer(chance.choice(kinds), chance.randrange(2000)) for _ in range(20))
    kills = tuple(chance.randrange(50, 900) for _ in range(2))
    return FragmentScript(seed, 2000, 10, tuple(answers), kills, 6, shape=chance.choice(SHAPES))


def ends_well(seed: int) -> bool:
    return is_exact(live(script(seed)))


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.slow
def test_it_finds(broken: Callable[[Patch], None], monkeypatch: Patch) -> None:
    assert_found(broken, monkeypatch, ends_well, LIVES)


@pytest.mark.slow
def test_the_same_lives_are_fine_unbroken() -> None:
    assert all(ends_well(seed) for seed in range(40))
