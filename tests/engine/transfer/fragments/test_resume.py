"""Killed at any moment, it goes on, and asks for no fragment again that a checkpoint holds."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from downloads.engine.core.errors import Stopped, StopReason
from downloads.engine.transfer.checkpoint import CheckpointNotSaved
from downloads.engine.transfer.fragments import folder
from downloads.engine.transfer.fragments.checkpoint import FragmentCheckpoint, Run
from tests.engine.transfer.fragments.harness import Piecewise, body, file_store
from tests.engine.transfer.harness import in_background
from tests.support.memory import MemoryCheckpointStore
from tests.support.stack import until

ROOT = Path(__file__).parents[4]
COUNT = 40


def start(piecewise: Piecewise, folder: Path, generation: int) -> subprocess.Popen[str]:
    module = "tests.engine.transfer.fragments.child"
    arguments = [piecewise.origin.url(""), str(COUNT), str(folder), str(generation)]
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


def wait_until(checkpoint: Path, fragments: int) -> None:
    def so_many() -> bool:
        kept = file_store(checkpoint).load()
        return kept is not None and kept.fragments >= fragments

    until(so_many, 60, 0.01)


def indexes(kept: FragmentCheckpoint) -> set[int]:
    return {index for run in kept.runs for index in range(run.start, run.end)}


@pytest.mark.parametrize("step", [0, 1], ids=["same generation", "next generation"])
def test_kill_9_again_and_again(piecewise: Piecewise, tmp_path: Path, step: int) -> None:
    piecewise.serve([body(index) for index in range(COUNT)], rate=500_000)
    checkpoint = tmp_path / "checkpoint.json"
    log, generation = piecewise.origin.log, 1
    for share in (8, 16, 24):
        child = start(piecewise, tmp_path, generation)
        wait_until(checkpoint, share)
        child.kill()
        child.wait(10)
        piecewise.origin.settle()
        kept = file_store(checkpoint).load()
        assert kept is not None
        log.clear()
        generation += step
    last = start(piecewise, tmp_path, generation)
    output, _ = last.communicate(timeout=60)
    assert int(output) == kept.fragments
    assert (tmp_path / "result").read_bytes() == piecewise.expected
    assert {int(asked.path[1:]) for asked in log} == set(range(COUNT)) - indexes(kept)
    assert len(log) == COUNT - kept.fragments
    assert [entry.name for entry in (tmp_path / "spool").iterdir()] == [f"g{generation}.fragments"]


def test_a_new_generation_while_the_old_one_still_writes(
    piecewise: Piecewise, tmp_path: Path
) -> None:
    """A frozen worker thaws: its writes hit files that are no longer read."""
    piecewise.serve([body(index) for index in range(20)], rate=200_000)
    old, _ = in_background(piecewise.fetch)
    feed = piecewise.spool.feed()
    for _ in range(4):
        next(feed)
    while (kept := piecewise.store.load()) is None or kept.fragments < 4:
        time.sleep(0.01)
    successor = piecewise.successor()
    successor.store = MemoryCheckpointStore(kept)
    successor.exact()
    old.join(20)
    assert b"".join(successor.spool.feed()) == piecewise.expected
    old_folder = piecewise.directory / "g1.fragments"
    own = {entry.stat().st_ino for entry in (piecewise.directory / "g2.fragments").iterdir()}
    assert len(own) == 20
    if old_folder.exists():
        theirs = {int(entry.name): entry.stat().st_ino for entry in old_folder.iterdir()}
        assert not any(ino in own for index, ino in theirs.items() if index not in indexes(kept))


def test_linked_where_that_works_and_copied_where_not(piecewise: Piecewise) -> None:
    piecewise.serve([body(index) for index in range(6)])
    piecewise.exact()
    older = piecewise.directory / "g1.fragments"
    with tempfile.TemporaryDirectory(dir="/dev/shm") as elsewhere:
        if Path(elsewhere).stat().st_dev == older.stat().st_dev:
            pytest.skip("no second file system, between which nothing can be linked")
        shutil.move(older, elsewhere)
        older.symlink_to(Path(elsewhere) / older.name)
        piecewise.origin.log.clear()
        successor = piecewise.successor()
        assert successor.exact().resumed_fragments == 6
    assert piecewise.origin.log == []


def interrupted(piecewise: Piecewise) -> FragmentCheckpoint:
    piecewise.serve([body(index) for index in range(12)])
    piecewise.origin.files["/6"].rate = 1000
    thread, raised = in_background(piecewise.fetch)
    feed = piecewise.spool.feed()
    for _ in range(6):
        next(feed)
    piecewise.stop.stop(StopReason.SHUTDOWN)
    thread.join(30)
    assert isinstance(raised[0], Stopped)
    kept = piecewise.store.load()
    assert kept is not None
    piecewise.origin.files["/6"].rate = None
    piecewise.origin.log.clear()
    return kept


def test_what_is_damaged_on_disk_is_fetched_again(piecewise: Piecewise) -> None:
    kept = interrupted(piecewise)
    with (piecewise.directory / "g1.fragments" / "000001").open("ab") as file:
        file.truncate(10)
    successor = piecewise.successor()
    outcome = successor.exact()
    assert outcome.resumed_fragments == kept.fragments - kept.runs[0].end
    assert kept.runs[0].start == 0


def test_a_spool_that_is_gone_means_from_zero(piecewise: Piecewise) -> None:
    interrupted(piecewise)
    piecewise.spool.abort()
    assert not list(piecewise.directory.iterdir())
    assert piecewise.successor().exact().resumed_bytes == 0


def test_another_list_means_from_zero(piecewise: Piecewise) -> None:
    interrupted(piecewise)
    successor = piecewise.successor()
    successor.key = "another"
    assert successor.exact().resumed_bytes == 0


def test_before_the_spool_is_emptied_the_checkpoint_is(piecewise: Piecewise) -> None:
    """Killed in between, the next run must not trust what is gone."""
    interrupted(piecewise)
    first = piecewise.directory / "g1.fragments" / "000000"
    seen: list[tuple[tuple[Run, ...], bool]] = []
    before = first.stat().st_ino

    class Spy(MemoryCheckpointStore[FragmentCheckpoint]):
        def save(self, checkpoint: FragmentCheckpoint) -> None:
            seen.append((checkpoint.runs, first.exists() and first.stat().st_ino == before))
            super().save(checkpoint)

    again = piecewise.successor()
    again.key = "another"
    again.store = Spy(piecewise.store.load())
    again.exact()
    assert seen[0] == ((), True)


def test_only_what_is_durable_is_checkpointed(
    piecewise: Piecewise, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that loses power keeps what the checkpoint says: bytes first, then the word."""
    synced: set[int] = set()
    sync = folder.disk.sync_data

    def note(fd: int) -> None:
        sync(fd)
        synced.add(os.fstat(fd).st_ino)

    class Strict(MemoryCheckpointStore[FragmentCheckpoint]):
        def save(self, checkpoint: FragmentCheckpoint) -> None:
            for index in indexes(checkpoint):
                path = piecewise.directory / "g1.fragments" / f"{index:06d}"
                assert path.stat().st_ino in synced
            super().save(checkpoint)

    monkeypatch.setattr(folder.disk, "sync_data", note)
    piecewise.store = Strict()
    piecewise.serve([body(index) for index in range(20)], rate=500_000)
    piecewise.exact()
    kept = piecewise.store.load()
    assert kept is not None
    assert kept.complete


def test_a_retry_never_writes_into_a_file_that_may_be_open_elsewhere(
    piecewise: Piecewise,
) -> None:
    piecewise.serve([body(0)])
    piecewise.exact()
    path = piecewise.directory / "g1.fragments" / "000000"
    with path.open("rb") as held:
        again = piecewise.successor()
        again.generation, again.key = 1, "another"
        again.spool = type(again.spool)(again.directory, 1, again.stop)
        piecewise.origin.serve("/0", body(3))
        again.expected = body(3)
        again.exact()
        assert held.read() == body(0)


def test_a_store_that_is_away_for_a_while_does_not_end_it(piecewise: Piecewise) -> None:
    class Away(MemoryCheckpointStore[FragmentCheckpoint]):
        """As a row's store is while the database is away (``tests/queue/test_lease.py``)."""

        refused = 0

        def save(self, checkpoint: FragmentCheckpoint) -> None:
            if not checkpoint.complete and self.refused < 3:
                self.refused += 1
                raise CheckpointNotSaved("away")
            super().save(checkpoint)

    piecewise.store = Away()
    piecewise.serve([body(index) for index in range(40)], rate=400_000)
    piecewise.exact()
    assert piecewise.store.refused == 3


def test_all_is_there_already(piecewise: Piecewise) -> None:
    piecewise.serve([body(index) for index in range(5)])
    piecewise.exact()
    piecewise.origin.log.clear()
    successor = piecewise.successor()
    outcome = successor.exact()
    assert (outcome.resumed_fragments, outcome.resumed_bytes) == (5, outcome.size)
    assert piecewise.origin.log == []
    kept = successor.store.load()
    assert kept is not None
    assert (kept.generation, kept.complete) == (2, True)
    assert [entry.name for entry in piecewise.directory.iterdir()] == ["g2.fragments"]
