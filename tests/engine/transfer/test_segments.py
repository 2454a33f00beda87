"""No byte has two owners, none is written twice, none is left out."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from downloads.engine.core.byte_range import ByteRange, merge, missing
from downloads.engine.transfer import plan
from downloads.engine.transfer.delivery import Delivery
from downloads.engine.transfer.plan import TakeRange
from downloads.engine.transfer.segments import Segment, SegmentMap
from tests.support.memory import MemorySink

ranges = st.lists(
    st.tuples(st.integers(0, 200), st.integers(0, 60)).map(lambda t: ByteRange(t[0], t[0] + t[1])),
    max_size=12,
)


@given(ranges, st.integers(0, 260))
def test_merged_and_missing_are_a_partition(some: list[ByteRange], total: int) -> None:
    taken = {byte for r in some for byte in range(r.start, min(r.end, total))}
    gaps = [byte for r in missing(some, total) for byte in range(*r)]
    assert set(gaps) == set(range(total)) - taken
    assert len(gaps) == len(set(gaps))
    merged = merge(some)
    assert {b for r in merged for b in range(*r)} == {b for r in some for b in range(*r)}
    assert all(a.end < b.start for a, b in itertools.pairwise(merged))


class Response:
    """A body under way: it brings the bytes from where its segment began, and no others."""

    def __init__(self, network: Network, segment: Segment) -> None:
        assert segment.end is not None
        self.network = network
        self.segment = segment
        self.reach = segment.end
        self.at = segment.start
        self.delivery = Delivery(network.map, segment, network, reach=self.reach, max_bytes=1 << 40)

    def receive(self, most: int) -> None:
        """Do as a drain does: ask for room, read so much, put it. Others act in between."""
        count = min(self.delivery.room(most), self.reach - self.at)
        if count:
            view = memoryview(self.network.content)[self.at : self.at + count]
            self.at += count
            self.network.interfere()
            self.delivery.put(view)


class Network(MemorySink):
    """A source, a sink and connections that deliver, stall and break at hypothesis' will."""

    def __init__(self, data: st.DataObject, total: int, finished: list[ByteRange]) -> None:
        super().__init__(total)
        self.draw = data.draw
        self.content = bytes(range(1, total + 1))
        self.open(total, None)
        self.map = SegmentMap(total, [r for r in merge(finished) if r.end <= total])
        self.times = [0] * total
        for found in self.map.written:
            self.write_at(found.start, memoryview(self.content)[found.start : found.end])
        self.responses: list[Response] = []
        self.depth = 0

    def write_at(self, offset: int, data: memoryview) -> None:
        super().write_at(offset, data)
        for byte in range(offset, offset + len(data)):
            self.times[byte] += 1
        if hasattr(self, "depth"):
            self.interfere()

    def interfere(self) -> None:
        """Something happens on another thread at this very moment."""
        if self.depth == 0 and self.draw(st.booleans()):
            self.depth += 1
            self.act()
            self.depth -= 1

    def act(self) -> None:
        act = self.draw(st.sampled_from(["connect", "receive", "cut"]))
        live = [r for r in self.responses if not r.segment.released]
        if act == "connect" and len(live) < 6:
            self.connect()
        elif act == "receive" and live and self.depth == 0:
            self.draw(st.sampled_from(live)).receive(self.draw(st.integers(1, 40)))
        elif act == "cut" and live:
            self.map.release(self.draw(st.sampled_from(live)).segment)

    def connect(self) -> None:
        step = plan.next_step(self.map.free(), self.map.segments, 4, alignment=1)
        if isinstance(step, TakeRange):
            self.responses.append(Response(self, self.map.claim(*step.range)))
        elif step is not None and (segment := self.map.split(step.segment, step.at)):
            self.responses.append(Response(self, segment))

    def check(self) -> None:
        assert max(self.times, default=0) <= 1
        for left, right in itertools.pairwise(self.map.segments):
            assert left.end is not None
            assert left.end <= right.start
        for start, end in self.map.written:
            assert self.data[start:end] == self.content[start:end]

    def bring_the_rest(self) -> None:
        """From any state on, an honest network ends it."""
        self.depth = 1
        for _ in range(200):
            if self.map.complete:
                return
            self.connect()
            for response in self.responses:
                response.receive(7)
            self.check()
        raise AssertionError(f"not complete: {self.map.segments} {self.map.written}")


@settings(max_examples=200)
@given(st.data(), st.integers(1, 120), ranges)
def test_any_order_of_events_brings_each_byte_once(
    data: st.DataObject, total: int, finished: list[ByteRange]
) -> None:
    network = Network(data, total, finished)
    for _ in range(data.draw(st.integers(0, 40))):
        network.act()
        network.check()
    network.bring_the_rest()
    assert network.times == [1] * total
    assert network.data == network.content


def test_bytes_dropped_at_a_split_are_not_skipped_when_the_neighbour_is_absorbed() -> None:
    """Read 60, lose the half from 50 on meanwhile, absorb it again: 50 to 60 are still at hand."""
    content = bytes(range(100))
    sink = MemorySink(100)
    sink.open(100, None)
    segments = SegmentMap(100)
    segment = segments.claim(0, 100)
    delivery = Delivery(segments, segment, sink, reach=100, max_bytes=100)
    assert delivery.room(60) == 60
    assert segments.split(segment, 50) is not None
    delivery.put(memoryview(content)[:60])
    delivery.put(memoryview(content)[60:])
    assert sink.data == content


def test_a_byte_that_is_taken_cannot_be_claimed() -> None:
    segments = SegmentMap(100, [ByteRange(0, 10)])
    segments.claim(20, 40)
    for start, end in [(0, 5), (9, 12), (30, 50), (15, 21), (39, None)]:
        with pytest.raises(ValueError, match="not free"):
            segments.claim(start, end)
    assert segments.free() == (ByteRange(10, 20), ByteRange(40, 100))


def test_bytes_under_way_stay_owned_when_the_segment_is_released() -> None:
    segments = SegmentMap(100)
    segment = segments.claim(0, 100)
    segments.reserve(segment, 30)
    segments.release(segment)
    assert segments.free() == (ByteRange(30, 100),)
    assert segments.reserve(segment, 10) == (30, 0)
    segments.commit(segment, 30)
    assert segments.written == (ByteRange(0, 30),)


def test_a_split_leaves_the_owner_what_it_has_begun() -> None:
    segments = SegmentMap(100)
    segment = segments.claim(0, 100)
    segments.reserve(segment, 60)
    assert segments.split(segment, 50) is None
    assert segments.split(segment, 60) is None
    assert segments.split(segment, 80) is not None
    assert segments.reserve(segment, 60) == (60, 20)


def test_a_neighbour_that_has_not_delivered_is_absorbed_and_one_that_has_is_not() -> None:
    segments = SegmentMap(100)
    left = segments.claim(0, 100)
    right = segments.split(left, 50)
    assert right is not None
    segments.reserve(left, 50)
    assert segments.absorb(left, 100)
    assert (left.end, right.released) == (100, True)

    again = segments.split(left, 80)
    assert again is not None
    segments.reserve(again, 1)
    segments.reserve(left, 50)
    assert not segments.absorb(left, 100)


def test_a_gap_is_absorbed_only_as_far_as_the_response_reaches() -> None:
    segments = SegmentMap(100)
    left = segments.claim(0, 20)
    segments.reserve(left, 20)
    assert segments.absorb(left, 35)
    assert left.end == 35


def test_a_body_without_a_length_ends_where_it_ends() -> None:
    segments = SegmentMap(None)
    segment = segments.claim(0, None)
    assert segments.free() == ()
    segments.commit(segment, segments.reserve(segment, 42)[1])
    assert not segments.complete
    segments.finish(segment)
    assert (segments.total, segments.complete, segments.written) == (42, True, (ByteRange(0, 42),))
