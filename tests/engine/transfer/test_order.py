"""For a sink that wants its segments in order, no early one comes last."""

from __future__ import annotations

import pytest

from tests.engine.transfer.harness import Fetcher
from tests.engine.transfer.segmented import SegmentedSink
from tests.support.content import MIB, content
from tests.support.origin import Origin

SIZE = 6 * MIB


@pytest.mark.parametrize("connections", [2, 8])
def test_no_connection_runs_far_ahead(origin: Origin, fetcher: Fetcher, connections: int) -> None:
    origin.serve("/a", content(SIZE), rate=1.5e6)
    sink = fetcher.sink = SegmentedSink()
    fetcher.limit(connections=connections)
    fetcher.exact("/a")
    assert sink.ahead <= 2 * sink.most_connections * SegmentedSink.segment_size


def test_one_connection_asks_once_for_all(origin: Origin, fetcher: Fetcher) -> None:
    origin.serve("/a", content(SIZE))
    sink = fetcher.sink = SegmentedSink()
    fetcher.limit(connections=1)
    fetcher.exact("/a")
    assert len(origin.log) == 1
    assert sink.ahead == 0


def test_a_range_ends_where_a_segment_ends(origin: Origin, fetcher: Fetcher) -> None:
    """So that a piece that is asked for is a part, some parts, or the quarter of one."""
    origin.serve("/a", content(SIZE), rate=2e6)
    fetcher.sink = SegmentedSink()
    fetcher.limit(connections=8, min_segment=SIZE)  # nothing is shared at the end
    fetcher.exact("/a")
    ends = {asked.end for asked in origin.log if asked.end not in (None, SIZE)}
    assert ends
    assert all(end % (SegmentedSink.segment_size // 4) == 0 for end in ends if end)
