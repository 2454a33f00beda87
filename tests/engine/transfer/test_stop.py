"""Told to stop, the engine returns at once, whatever the sockets do."""

from __future__ import annotations

import time

import pytest

from downloads.engine.core.errors import Stopped, StopReason
from downloads.engine.transfer.checkpoint import Checkpoint
from tests.engine.transfer.harness import Fetcher, in_background
from tests.support.content import MIB, content
from tests.support.memory import MemoryCheckpointStore
from tests.support.origin import Origin
from tests.support.stack import until

KNOBS = {
    "silent after the head": {"silent_after": 0, "silences": 99},
    "silent half way": {"silent_after": 300_000, "silences": 99},
    "slow": {"rate": 1e5},
    "fast": {"rate": 5e6, "hold_at": 24 * MIB},
    "chunked and silent": {"chunked": True, "silent_after": 100, "silences": 99},
    "refusing": {"answers": [(503, {"Retry-After": "5"})] * 99},
}


@pytest.mark.parametrize("reason", [StopReason.UNWANTED, StopReason.LEASE_LOST])
@pytest.mark.parametrize("knobs", KNOBS.values(), ids=KNOBS)
def test_it_stops_at_once(
    origin: Origin, fetcher: Fetcher, knobs: dict[str, object], reason: StopReason
) -> None:
    origin.serve("/a", content(32 * MIB), **knobs)
    fetcher.limit(stall_timeout=30)
    thread, raised = in_background(lambda: fetcher.fetch("/a"))
    time.sleep(0.3)
    fetcher.stop.stop(reason)
    thread.join(10)
    assert [type(error) for error in raised] == [Stopped]


def test_a_stop_leaves_a_checkpoint_of_all_that_came(origin: Origin, fetcher: Fetcher) -> None:
    data = content(8 * MIB)
    origin.serve("/a", data, rate=1e6, hold_at=6 * MIB)
    fetcher.limit(checkpoint_interval=3600)
    thread, _ = in_background(lambda: fetcher.fetch("/a"))
    until(lambda: fetcher.reports and fetcher.reports[-1].bytes_done > MIB)
    fetcher.stop.stop(StopReason.SHUTDOWN)
    thread.join(30)
    kept = fetcher.store.load()
    assert kept is not None
    assert kept.done > MIB
    found = fetcher.local_sink().path.read_bytes()
    assert all(found[r.start : r.end] == data[r.start : r.end] for r in kept.ranges)


def test_after_a_lost_lease_no_checkpoint_is_saved(origin: Origin, fetcher: Fetcher) -> None:
    class Store(MemoryCheckpointStore[Checkpoint]):
        def save(self, checkpoint: Checkpoint) -> None:
            assert fetcher.stop.reason is None
            super().save(checkpoint)

    fetcher.store = Store()
    origin.serve("/a", content(8 * MIB), rate=1e6, hold_at=6 * MIB)
    thread, raised = in_background(lambda: fetcher.fetch("/a"))
    time.sleep(0.4)
    fetcher.stop.stop(StopReason.LEASE_LOST)
    thread.join(30)
    assert [type(error) for error in raised] == [Stopped]


def test_another_transfer_goes_on(origin: Origin, fetcher: Fetcher, tmp_path) -> None:  # type: ignore[no-untyped-def]
    origin.serve("/a", content(2 * MIB), rate=1e6)
    other = Fetcher(origin, tmp_path / "other")
    thread, _ = in_background(lambda: other.fetch("/a"))
    time.sleep(0.2)
    other.stop.stop(StopReason.UNWANTED)
    fetcher.exact("/a")
    thread.join(30)
    assert not thread.is_alive()
