"""Each transfer writes on a thread of its own: an error there hurts no other transfer."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from downloads.engine.core.errors import DiskFull, Stopped, StopReason
from downloads.engine.transfer.pipe import Pipes
from downloads.engine.transfer.sinks.local import LocalSink
from tests.engine.transfer.harness import Fetcher, in_background
from tests.support.content import MIB, content
from tests.support.origin import Origin

ROOT = Path(__file__).parents[2]


def test_exact_bytes_while_segments_are_taken_from_each_other(
    origin: Origin, tmp_path: Path
) -> None:
    """Many small shares: what has come beyond a cut is thrown away, never written."""
    reactor_files = [content(6 * MIB, seed) for seed in range(3)]
    fetchers = []
    for number, data in enumerate(reactor_files):
        origin.serve(f"/{number}", data, cut_after=150_000, cuts=15, rate=30e6)
        fetcher = Fetcher(origin, tmp_path / str(number))
        fetcher.limit(connections=8, initial_connections=8, min_segment=64 * 1024)
        fetchers.append(fetcher)
    working = [
        in_background(lambda n=n, each=each: each.exact(f"/{n}"))  # type: ignore[misc]
        for n, each in enumerate(fetchers)
    ]
    for thread, raised in working:
        thread.join(60)
        assert not thread.is_alive()
        assert raised == []


def test_a_full_disk_ends_its_own_transfer_alone(
    origin: Origin, tmp_path: Path, small_disk: Path
) -> None:
    """Of a size that is not told: nothing is reserved, and the disk fills up on the way."""
    origin.serve("/good", content(12 * MIB, seed=1), rate=20e6)
    origin.serve("/bad", content(12 * MIB, seed=2), chunked=True, ranges=False)
    good = Fetcher(origin, tmp_path / "good")
    working, raised = in_background(lambda: good.exact("/good"))
    while working.is_alive():
        bad = Fetcher(origin, small_disk / "bad")
        with pytest.raises(DiskFull):
            bad.fetch("/bad")
        assert bad.local_sink().path.stat().st_size > 0
    assert raised == []


class Hanging(LocalSink):
    """A disk that does not answer: its first write after a MiB returns when it is let go.

    None can be made to hang: a thread that hangs in the kernel is not ended, and the test with it.
    """

    def __init__(self, fetcher: Fetcher) -> None:
        super().__init__(fetcher.directory, 1, fetcher.stop)
        self.hangs = threading.Event()
        self.let_go = threading.Event()
        self.came = 0

    def write_at(self, offset: int, data: memoryview) -> None:
        self._hang(len(data))
        super().write_at(offset, data)

    def write_from(self, offset: int, pipes: Pipes, length: int) -> None:
        self._hang(length)
        super().write_from(offset, pipes, length)

    def _hang(self, length: int) -> None:
        self.came += length
        if self.came > MIB:
            self.hangs.set()
            self.let_go.wait(60)


def test_a_hung_write_holds_up_no_other_transfer(origin: Origin, tmp_path: Path) -> None:
    """It costs its own lease, for nothing beats any more; it ends at once when told to; and what
    was on its way then hits nothing."""
    origin.serve("/hung", content(12 * MIB, seed=1))
    origin.serve("/good", content(12 * MIB, seed=2))
    hung = Fetcher(origin, tmp_path / "hung")
    sink = hung.sink = Hanging(hung)
    working, raised = in_background(lambda: hung.fetch("/hung"))
    assert sink.hangs.wait(10)
    Fetcher(origin, tmp_path / "good").exact("/good")
    time.sleep(0.5)
    idle = hung.stop.idle_seconds
    time.sleep(0.5)
    assert hung.stop.idle_seconds > idle + 0.4
    assert working.is_alive()
    hung.stop.stop(StopReason.UNWANTED)
    working.join(30)
    assert not working.is_alive()
    assert isinstance(raised[0], Stopped)
    before = sink.path.read_bytes()
    sink.let_go.set()
    time.sleep(0.2)
    assert sink.path.read_bytes() == before


LIMITED = """
import pathlib, resource, sys, threading, time
from downloads.engine.__main__ import main

def shrink(part, limit):
    while not part.exists() or part.stat().st_size < limit:
        time.sleep(0.01)
    time.sleep(0.2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

if sys.argv[1] != "0":
    target = pathlib.Path(sys.argv[4])
    part = target.with_name("." + target.name + ".part")
    arguments = (part, int(sys.argv[1]))
    threading.Thread(target=shrink, args=arguments, daemon=True).start()
sys.exit(main(sys.argv[2:]))
"""


def test_no_space_while_writing(origin: Origin, tmp_path: Path) -> None:
    """The limit comes when the space was reserved already, as a quota may; the part is kept, and
    with space again the same command goes on."""
    data = content(12 * MIB)
    origin.serve("/a", data, rate=6e6)
    target = tmp_path / "a.bin"

    def run(limit: int) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", LIMITED, str(limit), origin.url("/a"), "-o", str(target),
             "--connections", "1", "--allow-network", "127.0.0.0/8"],
            cwd=ROOT, capture_output=True, text=True, timeout=60,
        )  # fmt: skip

    failed = run(5 * MIB)
    assert failed.returncode == 1
    assert "(disk_full)" in failed.stderr
    assert failed.stderr.count("\n") == 1
    origin.files["/a"].rate = None
    origin.settle()
    sent = origin.sent
    done = run(0)
    assert (done.returncode, done.stderr) == (0, "")
    assert target.read_bytes() == data
    assert origin.sent - sent < len(data)
