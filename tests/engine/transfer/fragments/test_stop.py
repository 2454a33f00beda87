"""Told to stop, it returns at once, whatever the sockets do."""

from __future__ import annotations

import threading
import time

import pytest

from downloads.engine.core.errors import Stopped, StopReason
from downloads.engine.core.media import FragmentList
from downloads.engine.transfer.bandwidth import TokenBucket
from downloads.engine.transfer.fragments.checkpoint import FragmentCheckpoint
from tests.engine.transfer.fragments.harness import Piecewise, body
from tests.engine.transfer.harness import in_background
from tests.support.content import MIB, content
from tests.support.memory import MemoryCheckpointStore

KNOBS = {
    "silent": {"silent_after": 0, "silences": 99},
    "silent half way": {"silent_after": 30_000, "silences": 99},
    "slow": {"rate": 1e4},
    "chunked and silent": {"chunked": True, "silent_after": 100, "silences": 99},
    "refusing": {"answers": [(503, {"Retry-After": "5"})] * 99},
    "gone": {"answers": [(404, {})] * 99},
}


@pytest.mark.parametrize("reason", [StopReason.UNWANTED, StopReason.LEASE_LOST])
@pytest.mark.parametrize("knobs", KNOBS.values(), ids=KNOBS)
def test_it_stops_at_once(
    piecewise: Piecewise, knobs: dict[str, object], reason: StopReason
) -> None:
    piecewise.serve([body(index) for index in range(8)], **knobs)
    piecewise.limit(stall_timeout=30)
    lists = [piecewise.listing()]

    released = threading.Event()

    def load() -> FragmentList:
        if not lists:
            released.wait(60)  # the second time it hangs
            return piecewise.listing()
        return lists.pop()

    piecewise.load = load
    thread, raised = in_background(piecewise.fetch)
    time.sleep(0.3)
    piecewise.stop.stop(reason)
    thread.join(10)
    assert [type(error) for error in raised] == [Stopped]
    released.set()


def test_a_stop_leaves_a_checkpoint_of_all_that_is_complete(piecewise: Piecewise) -> None:
    piecewise.serve([body(index) for index in range(20)])
    piecewise.origin.files["/9"].rate = 1e3
    piecewise.limit(checkpoint_interval=3600)
    thread, _ = in_background(piecewise.fetch)
    feed = piecewise.spool.feed()
    got = 0
    while got < len(b"".join(map(body, range(9)))):
        got += len(next(feed))
    piecewise.stop.stop(StopReason.SHUTDOWN)
    thread.join(30)
    kept = piecewise.store.load()
    assert kept is not None
    assert kept.runs[0].start == 0
    assert kept.runs[0].end == 9
    assert 9 <= kept.fragments <= 16


def test_after_a_lost_lease_nothing_is_saved_or_written(piecewise: Piecewise) -> None:
    class Store(MemoryCheckpointStore[FragmentCheckpoint]):
        def save(self, checkpoint: FragmentCheckpoint) -> None:
            assert piecewise.stop.reason is None
            super().save(checkpoint)

    piecewise.store = Store()
    piecewise.serve([content(MIB)] * 8, rate=1e6, hold_at=MIB // 2)
    thread, raised = in_background(piecewise.fetch)
    time.sleep(0.4)
    piecewise.stop.stop(StopReason.LEASE_LOST)
    thread.join(30)
    assert [type(error) for error in raised] == [Stopped]
    sizes = [entry.stat().st_size for entry in piecewise.directory.rglob("0*")]
    time.sleep(0.2)
    assert sizes == [entry.stat().st_size for entry in piecewise.directory.rglob("0*")]


def test_the_rate_limit_holds_over_all_connections(piecewise: Piecewise) -> None:
    piecewise.serve([body(index) for index in range(10)])
    piecewise.limiter = TokenBucket(1e6)
    began = time.monotonic()
    piecewise.exact()
    assert time.monotonic() - began > 0.6


def test_another_stream_goes_on(piecewise: Piecewise, tmp_path) -> None:  # type: ignore[no-untyped-def]
    """Sound and picture run at once in one process; only the reactor is shared."""
    piecewise.serve([body(index) for index in range(20)], rate=1e6)
    other = Piecewise(piecewise.origin, tmp_path / "other")
    other.fragments, other.expected = piecewise.fragments, piecewise.expected
    thread, _ = in_background(other.fetch)
    time.sleep(0.1)
    other.stop.stop(StopReason.UNWANTED)
    piecewise.exact()
    thread.join(30)
    assert not thread.is_alive()
