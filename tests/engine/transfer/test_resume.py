"""Killed at any moment, it goes on, and fetches nothing again that a checkpoint holds."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from downloads.engine.core.byte_range import ByteRange
from downloads.engine.core.errors import Stopped, StopReason
from downloads.engine.transfer.checkpoint import Checkpoint, CheckpointNotSaved, FileCheckpointStore
from tests.engine.transfer.harness import Fetcher, in_background
from tests.support.content import MIB, content, sha256
from tests.support.memory import MemoryCheckpointStore
from tests.support.origin import Origin
from tests.support.request import Request
from tests.support.stack import until

ROOT = Path(__file__).parents[3]
SIZE = 24 * MIB


def start(origin: Origin, target: Path) -> subprocess.Popen[str]:
    command = [
        sys.executable,
        "-m",
        "downloads.engine",
        origin.url("/a"),
        "-o",
        str(target),
    ]
    environment = {**os.environ, "FETCH_ALLOWED_NETWORKS": "127.0.0.0/8"}
    return subprocess.Popen(
        [*command, "--sha256"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )


def checkpoint_of(target: Path) -> Checkpoint | None:
    name = f".{target.name}.part.json"
    try:
        key = target.with_name(name).read_text().split('"key": "')[1].split('"')[0]
    except (OSError, IndexError):
        return None
    return FileCheckpointStore(target.with_name(name), key).load()


def wait_until(target: Path, done: int) -> None:
    until(lambda: (kept := checkpoint_of(target)) and kept.done >= done, 60, 0.02)


def touches(asked: Request, ranges: tuple[ByteRange, ...], size: int) -> bool:
    start, end = asked.start or 0, size if asked.end is None else asked.end
    return any(r.start < end and start < r.end for r in ranges)


def test_kill_9_at_40_percent(origin: Origin, tmp_path: Path) -> None:
    data = content(SIZE)
    file = origin.serve("/a", data, rate=2e6, hold_at=int(SIZE * 0.8))
    target = tmp_path / "clip.bin"
    process = start(origin, target)
    wait_until(target, int(SIZE * 0.4))
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    kept = checkpoint_of(target)
    assert kept is not None
    assert not target.exists()
    file.hold_at = None
    origin.settle()
    asked_before, sent_before = len(origin.log), origin.sent

    again = start(origin, target)
    output, _ = again.communicate(timeout=60)
    assert again.returncode == 0
    assert output.split()[0] == sha256(data)
    assert target.read_bytes() == data
    assert not any(touches(asked, kept.ranges, SIZE) for asked in origin.log[asked_before:])
    # What a connection had been sent of a half that it then lost to another is thrown away.
    assert origin.sent - sent_before <= SIZE - kept.done + 4 * MIB
    assert [entry.name for entry in tmp_path.iterdir()] == ["clip.bin"]


def test_it_may_be_killed_again_and_again(origin: Origin, tmp_path: Path) -> None:
    data = content(SIZE, seed=3)
    file = origin.serve("/a", data, rate=3e6, hold_at=int(SIZE * 0.9))
    target = tmp_path / "clip.bin"
    for share in (0.05, 0.3, 0.6, 0.8):
        process = start(origin, target)
        wait_until(target, int(SIZE * share))
        process.kill()
        process.wait(10)
    file.hold_at = None
    last = start(origin, target)
    assert last.communicate(timeout=60)[0].split()[0] == sha256(data)


def test_a_new_generation_goes_on_where_the_old_one_was(origin: Origin, fetcher: Fetcher) -> None:
    file = origin.serve("/a", content(8 * MIB), rate=2e6, hold_at=6 * MIB)
    thread, raised = in_background(lambda: fetcher.fetch("/a"))
    until(lambda: fetcher.reports and fetcher.reports[-1].bytes_done > MIB)
    fetcher.stop.stop(StopReason.SHUTDOWN)
    thread.join(30)
    assert isinstance(raised[0], Stopped)
    file.hold_at = None
    kept = fetcher.store.load()
    assert kept is not None
    asked_before = len(origin.log)

    successor = Fetcher(origin, fetcher.directory, generation=2, store=fetcher.store)
    outcome = successor.exact("/a")
    assert outcome.resumed_bytes == kept.done > 0
    assert not any(touches(a, kept.ranges, 8 * MIB) for a in origin.log[asked_before:])
    assert [entry.name for entry in fetcher.directory.iterdir()] == ["g2.part"]


def test_a_changed_source_is_fetched_whole_on_resume(origin: Origin, fetcher: Fetcher) -> None:
    file = origin.serve("/a", content(4 * MIB), rate=5e5)
    thread, _ = in_background(lambda: fetcher.fetch("/a"))
    time.sleep(0.4)
    fetcher.stop.stop(StopReason.SHUTDOWN)
    thread.join(30)
    file.data, file.etag = content(4 * MIB, seed=2), '"v2"'
    successor = Fetcher(origin, fetcher.directory, generation=2, store=fetcher.store)
    outcome = successor.exact("/a")
    assert (outcome.resumed_bytes, outcome.validators.etag) == (0, '"v2"')


@pytest.mark.parametrize("damage", [b"", b"{", b'{"version": 1}'])
def test_a_corrupt_checkpoint_means_from_zero(
    origin: Origin, fetcher: Fetcher, tmp_path: Path, damage: bytes
) -> None:
    origin.serve("/a", content(MIB))
    path = tmp_path / "checkpoint.json"
    path.write_bytes(damage)
    fetcher.store = FileCheckpointStore(path)
    assert fetcher.exact("/a").resumed_bytes == 0


def test_a_checkpoint_whose_part_is_gone_means_from_zero(origin: Origin, fetcher: Fetcher) -> None:
    origin.serve("/a", content(MIB))
    fetcher.exact("/a")
    fetcher.local_sink().path.unlink()
    assert fetcher.exact("/a").resumed_bytes == 0


def test_before_the_part_is_emptied_the_checkpoint_is(origin: Origin, fetcher: Fetcher) -> None:
    """Killed in between, the next run must not trust ranges of a part that is empty now."""
    origin.serve("/a", content(MIB), ranges=False)
    fetcher.fetch("/a")
    path = fetcher.local_sink().path
    kept = fetcher.store.load()
    assert kept is not None
    claim = Checkpoint(kept.validators, 2 * MIB, (ByteRange(0, MIB),), "g1.part", 1)
    old_part = path.open("rb")  # held: a number of an inode that is free is given out again
    seen = []

    class Spy(MemoryCheckpointStore[Checkpoint]):
        def save(self, checkpoint: Checkpoint) -> None:
            seen.append((checkpoint.ranges, os.fstat(old_part.fileno()).st_nlink > 0))
            super().save(checkpoint)

    fetcher.store = Spy(claim)
    with old_part:
        fetcher.exact("/a")
    emptied = [is_old for _, is_old in seen].index(False)
    assert seen[emptied - 1] == ((), True)


def test_a_store_that_is_away_for_a_while_does_not_end_the_transfer(
    origin: Origin, tmp_path: Path
) -> None:
    """The bytes go on coming, and an older part is kept as long as no checkpoint names ours."""
    data = content(16 * MIB)
    origin.serve("/a", data, rate=8 * MIB)

    class Away(MemoryCheckpointStore[Checkpoint]):
        """As a row's store is while the database is away (``tests/queue/test_lease.py``)."""

        refused = 0

        def save(self, checkpoint: Checkpoint) -> None:
            if not checkpoint.complete and self.refused < 3:
                self.refused += 1
                raise CheckpointNotSaved("away")
            super().save(checkpoint)

    store = Away()
    fetcher = Fetcher(origin, tmp_path, store=store)
    assert fetcher.fetch("/a").sha256 == sha256(data)
    assert store.refused == 3
