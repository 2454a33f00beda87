"""The straight ways: every kind of honest source gives the exact bytes."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from downloads.engine.core.byte_range import ByteRange
from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import DiskFull, StopReason
from downloads.engine.transfer.bandwidth import TokenBucket
from downloads.engine.transfer.checkpoint import Checkpoint
from tests.engine.transfer.harness import Fetcher, in_background
from tests.support.content import MIB, content, sha256
from tests.support.memory import MemoryCheckpointStore, MemorySink
from tests.support.origin import Origin
from tests.support.stack import until


def test_a_large_file_comes_over_several_connections(origin: Origin, fetcher: Fetcher) -> None:
    origin.serve("/a", content(8 * MIB), rate=4e6)
    outcome = fetcher.exact("/a")
    assert outcome.validators.etag == '"v1"'
    assert outcome.resumed_bytes == 0
    assert len(origin.log) > 3
    assert (origin.log[0].start, origin.log[0].end) == (0, None)
    assert all(asked.if_range == '"v1"' for asked in origin.log[1:])


def test_splitting_helps_where_each_connection_is_slow(origin: Origin, fetcher: Fetcher) -> None:
    origin.serve("/a", content(6 * MIB), rate=2e6)
    fetcher.exact("/a")
    assert max(asked.sent for asked in origin.log) < 6 * MIB * 0.77, "one did most of it"


def test_a_small_file_takes_one_connection(origin: Origin, fetcher: Fetcher) -> None:
    origin.serve("/a", content(200_000))
    fetcher.exact("/a")
    assert len(origin.log) == 1


def test_the_limit_of_connections_is_kept(origin: Origin, fetcher: Fetcher) -> None:
    most = []
    file = origin.serve("/a", content(4 * MIB), rate=2e6)
    file.on_request = lambda file, asked: most.append(origin.busy)
    fetcher.limit(connections=3)
    fetcher.exact("/a")
    assert 1 < max(most) <= 4, "one more while a finished one closes"


@pytest.mark.parametrize("knobs", [{}, {"ranges": False}, {"chunked": True}, {"no_length": True}])
@pytest.mark.parametrize("size", [0, 1, 100_000, 3 * MIB])
def test_every_framing_and_size_is_exact(
    origin: Origin, fetcher: Fetcher, knobs: dict[str, bool], size: int
) -> None:
    origin.serve("/a", content(size), **knobs)
    fetcher.exact("/a")


def test_a_redirect_is_followed_once_and_remembered(origin: Origin, fetcher: Fetcher) -> None:
    origin.serve("/a", content(4 * MIB), rate=4e6)
    origin.serve("/link", b"", redirect="/a")
    fetcher.fetch("/link")
    assert [asked.path for asked in origin.log].count("/link") == 1


def test_a_response_that_the_resolver_left_open_is_gone_on_with(
    origin: Origin, fetcher: Fetcher
) -> None:
    origin.serve("/a", content(100_000))
    response = fetcher.client.get(origin.url("/a"), start=0)
    fetcher.client.parked.put(response)
    fetcher.exact("/a")
    assert len(origin.log) == 1


def test_into_memory(origin: Origin, fetcher: Fetcher) -> None:
    data = content(2 * MIB)
    origin.serve("/a", data)
    sink = MemorySink(3 * MIB, fetcher.stop)
    fetcher.sink = sink
    fetcher.exact("/a")
    assert sink.data == data


def test_progress_is_reported_and_ends_at_all(origin: Origin, fetcher: Fetcher) -> None:
    origin.serve("/a", content(2 * MIB), rate=2e6)
    fetcher.exact("/a")
    done = [report.bytes_done for report in fetcher.reports]
    assert done == sorted(done)
    assert done[-1] == fetcher.reports[-1].bytes_total == 2 * MIB
    assert any(report.speed > 0 and report.eta for report in fetcher.reports)
    assert max(report.connections for report in fetcher.reports) > 1


def test_the_rate_limit_holds_over_all_connections(origin: Origin, fetcher: Fetcher) -> None:
    origin.serve("/a", content(2 * MIB))
    fetcher.limiter = TokenBucket(2 * MIB)
    began = time.monotonic()
    fetcher.exact("/a")
    assert time.monotonic() - began > 0.7


class Recording(MemoryCheckpointStore[Checkpoint]):
    """Keeps every checkpoint, and what the part held at that moment."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.saved: list[tuple[Checkpoint, bytes]] = []
        self._path = path

    def save(self, checkpoint: Checkpoint) -> None:
        super().save(checkpoint)
        self.saved.append((checkpoint, self._path.read_bytes()))


def test_a_checkpoint_names_only_bytes_that_are_there(origin: Origin, fetcher: Fetcher) -> None:
    data = content(4 * MIB)
    origin.serve("/a", data, rate=2e6)
    store = Recording(fetcher.local_sink().path)
    fetcher.store = store
    fetcher.exact("/a")
    assert len(store.saved) > 3
    for checkpoint, found in store.saved:
        assert checkpoint.part == "g1.part"
        assert all(found[r.start : r.end] == data[r.start : r.end] for r in checkpoint.ranges)
    last = store.saved[-1][0]
    assert (last.complete, last.ranges, last.sha256) == (
        True,
        (ByteRange(0, len(data)),),
        sha256(data),
    )


class FlushCounting(MemorySink):
    """Knows which bytes were written before the latest flush began."""

    def __init__(self) -> None:
        super().__init__(1 << 30)
        self.written: set[tuple[int, int]] = set()
        self.durable: set[tuple[int, int]] = set()

    def write_at(self, offset: int, data: memoryview) -> None:
        super().write_at(offset, data)
        self.written.add((offset, offset + len(data)))

    def flush(self, written):  # type: ignore[no-untyped-def]
        self.durable = set(self.written)
        return super().flush(written)


def test_a_checkpoint_is_saved_only_after_the_flush_of_its_bytes(
    origin: Origin, fetcher: Fetcher
) -> None:
    origin.serve("/a", content(3 * MIB), rate=2e6)
    sink = FlushCounting()
    fetcher.sink = sink

    class Store(MemoryCheckpointStore[Checkpoint]):
        def save(self, checkpoint: Checkpoint) -> None:
            if checkpoint.complete:
                return
            durable = sum(end - start for start, end in sink.durable)
            assert checkpoint.done <= durable

    fetcher.store = Store()
    fetcher.exact("/a")


def test_a_complete_checkpoint_needs_no_network(origin: Origin, fetcher: Fetcher) -> None:
    origin.serve("/a", content(100_000))
    fetcher.exact("/a")
    outcome = fetcher.exact("/a")
    assert outcome.resumed_bytes == 100_000
    assert len(origin.log) == 1


def test_a_write_error_in_one_transfer_hurts_no_other(
    origin: Origin, fetcher: Fetcher, small_disk: Path
) -> None:
    """Of a size that is not told: nothing can be reserved, and the disk fills up on the way."""
    origin.serve("/a", content(3 * MIB), rate=3e6)
    origin.serve("/b", content(3 * MIB), rate=3e6, chunked=True, ranges=False)
    other = Fetcher(origin, small_disk)
    thread, raised = in_background(lambda: other.fetch("/b"))
    fetcher.exact("/a")
    thread.join(30)
    assert [type(error) for error in raised] == [DiskFull]
    assert other.local_sink().path.stat().st_size > 0


class Hanging(MemorySink):
    """A sink on a disk that hangs; a thread that hangs in the kernel would never be ended."""

    def __init__(self) -> None:
        super().__init__(1 << 30)
        self.hung = threading.Event()
        self.go_on = threading.Event()

    def flush(self, written):  # type: ignore[no-untyped-def]
        self.hung.set()
        self.go_on.wait(100)
        return super().flush(written)


def test_beats_come_while_waiting_for_the_source_and_not_while_storage_hangs(
    origin: Origin, fetcher: Fetcher
) -> None:
    now = [0.0]
    fetcher.stop = StopToken(lambda: now[0])
    fetcher.limit(stall_timeout=30, connections=1)
    sink = Hanging()
    fetcher.sink = sink
    origin.serve("/a", content(MIB), silent_after=300_000, silences=9, rate=1e6)
    thread, _ = in_background(lambda: fetcher.fetch("/a"))
    assert sink.hung.wait(60)

    def has_no_beat() -> bool:
        now[0] += 100
        time.sleep(0.3)
        return fetcher.stop.idle_seconds >= 100

    until(has_no_beat)  # once those that were under way have come
    sink.go_on.set()
    until(lambda: fetcher.stop.idle_seconds == 0)
    fetcher.stop.stop(StopReason.UNWANTED)
    thread.join(30)
    assert not thread.is_alive()
