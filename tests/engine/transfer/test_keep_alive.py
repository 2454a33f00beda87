"""A connection that has brought all it was asked for is asked for more."""

from __future__ import annotations

from tests.engine.transfer.harness import Fetcher
from tests.engine.transfer.segmented import SegmentedSink
from tests.support.content import MIB, content
from tests.support.origin import Origin

SIZE = 4 * MIB


def test_later_segments_come_over_the_connections_that_are_open(
    origin: Origin, fetcher: Fetcher
) -> None:
    origin.serve("/a", content(SIZE), rate=4e6)
    fetcher.sink = SegmentedSink()
    fetcher.limit(connections=8)
    fetcher.exact("/a")
    assert len(origin.log) >= 16
    assert origin.connections <= len(origin.log) - 4


def test_what_the_server_has_closed_meanwhile_is_replaced_without_a_word(
    origin: Origin, fetcher: Fetcher
) -> None:
    origin.serve("/a", content(SIZE), rate=4e6, hangs_up=True)
    fetcher.sink = SegmentedSink()
    fetcher.limit(connections=4, backoff=60.0, backoff_limit=60.0)  # a failure would show
    fetcher.exact("/a")
    starts = [asked.start for asked in origin.log]
    assert len(starts) == len(set(starts))


def test_a_body_that_was_not_read_to_its_end_is_closed(origin: Origin, fetcher: Fetcher) -> None:
    """Its first connection answers for all of the file, and others take most of that."""
    origin.serve("/a", content(SIZE), rate=2e6)
    fetcher.limit(connections=2)
    fetcher.exact("/a")
    origin.settle()
    whole = origin.log[0]
    assert whole.end is None
    assert whole.sent < SIZE
    assert origin.connections >= 2
