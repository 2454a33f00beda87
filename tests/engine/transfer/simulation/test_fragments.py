"""Fragments: any order of answers, failures and deaths. As ``test_engine``, with its settings."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from downloads.engine.transfer.fragments.checkpoint import FragmentCheckpoint, runs_of
from downloads.engine.transfer.fragments.unflushed import UnflushedFragments
from downloads.engine.transfer.fragments.window import Window
from tests.engine.transfer.simulation.fragment_site import SHAPES
from tests.engine.transfer.simulation.fragment_world import FragmentScript, FragmentsRun, live
from tests.engine.transfer.simulation.test_engine import answers, kills, thorough

USUAL = ("well", "well", "well", "cut", "short body", "silent", "reset", "500", "expired")
scripts = st.builds(
    FragmentScript,
    seed=st.integers(0, 2**32),
    size=st.integers(0, 2000),
    count=st.integers(1, 14),
    answers=answers(USUAL),
    kills=kills,
    connections=st.integers(1, 8),
    rate=st.sampled_from((None, None, 40_000)),
    lacks=st.sampled_from(("", "", "", "", "ranges", "length")),
    shape=st.sampled_from(SHAPES),
    mirrors=st.sampled_from((0, 0, 0, 1, 2)),
)


@given(script=scripts)
@thorough
@pytest.mark.slow
def test_the_bytes_are_exact(script: FragmentScript) -> None:
    assert is_exact(live(script))


def is_exact(life: FragmentsRun) -> bool:
    """All fragments of one version are durable, each once, and the outcome counts them."""
    assert life.outcome is not None
    stored = [life.disk.durable.get(index) for index in range(len(life.bodies))]
    counted = (life.outcome.fragments, life.outcome.size)
    return stored == life.bodies and counted == (len(stored), sum(map(len, life.bodies)))


class Spool:
    """A disk: synced bytes outlive the process. While a sync lasts, ``meanwhile`` happens."""

    def __init__(self, durable: set[int], meanwhile: Any) -> None:
        self.durable = durable
        self._meanwhile = meanwhile

    def sync(self, indexes: list[int]) -> None:
        self._meanwhile()
        self.durable.update(indexes)


class Process:
    def __init__(self, total: int, width: int, disk: set[int], saved: str, seed: int) -> None:
        kept = FragmentCheckpoint.from_dict(json.loads(saved)) if saved else None
        found = {index for run in kept.runs for index in range(*run[:2])} if kept else set()
        assert found <= disk, "the checkpoint names what is not durable"
        disk.intersection_update(found)
        self.saved = saved
        self._total = total
        self._chance = random.Random(seed)
        self.window = Window(total, width, found)
        self._complete = set(found)
        self._taken: list[int] = []
        spool: Any = Spool(disk, self._attempts)
        self._durable = kept.runs if kept else ()
        self._unflushed = UnflushedFragments(spool, dict.fromkeys(found, 7))

    def step(self) -> None:
        self._chance.choice((self._attempts, self._attempts, self._flush, self._save))()

    def _attempts(self) -> None:
        while (index := self.window.take(lambda _: self._chance.random() < 0.7)) is not None:
            assert index not in self._complete
            assert index not in self._taken, "two owners"
            self._taken.append(index)
        if self._taken:
            index = self._taken.pop(self._chance.randrange(len(self._taken)))
            if self._chance.random() < 0.3:
                self.window.give_back(index)
                return
            self._complete.add(index)
            self.window.complete(index)
            self._unflushed.add(index, 7)

    def _flush(self) -> bool:
        runs = self._unflushed.flush()
        self._durable = self._durable if runs is None else runs
        return runs is not None

    def _save(self) -> None:
        checkpoint = FragmentCheckpoint("k", self._total, self._durable, 1)
        self.saved = json.dumps(checkpoint.to_dict())

    def end(self) -> FragmentCheckpoint:
        while self._flush():
            pass
        self._save()
        ended = FragmentCheckpoint.from_dict(json.loads(self.saved))
        assert ended is not None
        return ended


@given(
    total=st.integers(1, 40),
    width=st.integers(1, 12),
    seed=st.integers(0, 2**32),
    lives=st.lists(st.integers(0, 60), max_size=5),
)
@thorough
def test_every_fragment_is_durable_once(
    total: int, width: int, seed: int, lives: list[int]
) -> None:
    disk: set[int] = set()
    saved = ""
    for number, life in enumerate([*lives, 10**6]):
        process = Process(total, width, disk, saved, seed + number)
        for _ in range(life):
            if process.window.is_complete:
                break
            process.step()
        saved = process.saved
    ended = process.end()
    assert ended.complete
    assert ended.runs == runs_of(dict.fromkeys(range(total), 7))
    assert disk == set(range(total))
