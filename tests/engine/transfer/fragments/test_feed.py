"""The feed: in playing order, while the engine runs, and never left hanging."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import psutil
import pytest

from downloads.engine.core.errors import DownloadError, SourceChanged, Stopped, StopReason
from downloads.engine.transfer.fragments.spool import BLOCK
from tests.engine.transfer.fragments.harness import Piecewise, body
from tests.engine.transfer.harness import in_background
from tests.support.content import MIB, content


def test_it_is_read_while_it_comes(piecewise: Piecewise) -> None:
    piecewise.serve([body(index) for index in range(10)])
    gate = threading.Event()
    piecewise.origin.files["/9"].on_request = lambda file, asked: gate.wait(20) and None
    thread, raised = in_background(piecewise.fetch)
    got = bytearray()
    for block in piecewise.spool.feed():
        got += block
        if len(got) == len(piecewise.expected) - len(body(9)):
            assert thread.is_alive(), "all but the last is here although the last is not"
            gate.set()
    thread.join(10)
    assert raised == []
    assert got == piecewise.expected


def test_two_readers_and_one_that_begins_again(piecewise: Piecewise) -> None:
    piecewise.serve([body(index) for index in range(10)], rate=400_000)
    thread, _ = in_background(piecewise.fetch)
    gone = piecewise.spool.feed()
    next(gone)
    gone.close()  # type: ignore[attr-defined]
    results: list[bytes] = []
    other, _ = in_background(lambda: results.append(b"".join(piecewise.spool.feed())))
    assert b"".join(piecewise.spool.feed()) == piecewise.expected
    other.join(10)
    thread.join(10)
    assert results == [piecewise.expected]


def test_blocks_are_bounded(piecewise: Piecewise) -> None:
    piecewise.serve([content(5 * MIB + 1)])
    piecewise.fetch()
    assert max(map(len, piecewise.spool.feed())) == BLOCK


def test_after_a_failure_it_ends_with_the_error(piecewise: Piecewise) -> None:
    piecewise.serve([body(index) for index in range(6)])
    del piecewise.origin.files["/3"]
    got = bytearray()

    def read() -> None:
        for block in piecewise.spool.feed():
            got.extend(block)

    reader, raised = in_background(read)
    with pytest.raises(DownloadError):
        piecewise.fetch()
    reader.join(30)
    assert not reader.is_alive()
    assert [type(error).__name__ for error in raised] == ["Incomplete"]
    assert got == b"".join(map(body, range(3)))
    with pytest.raises(DownloadError):
        list(piecewise.spool.feed())


def test_a_stop_ends_it(piecewise: Piecewise) -> None:
    reader, raised = in_background(lambda: list(piecewise.spool.feed()))
    time.sleep(0.05)
    piecewise.stop.stop(StopReason.UNWANTED)
    reader.join(30)
    assert [type(error) for error in raised] == [Stopped]


def test_a_changed_source_is_never_spliced(piecewise: Piecewise) -> None:
    """Bytes read of the old list belong to no file: the reader has to begin again."""
    piecewise.serve([body(index) for index in range(6)])
    read = threading.Event()
    lists = [piecewise.listing()]
    piecewise.origin.files["/5"].answers = [(410, {})]

    def load() -> object:
        if lists:
            return lists.pop()
        read.wait(10)
        return replace(piecewise.listing(), key="new")

    piecewise.load = load  # type: ignore[assignment]
    thread, failed = in_background(piecewise.fetch)
    feed = piecewise.spool.feed()
    next(feed)
    read.set()
    with pytest.raises(SourceChanged):
        list(feed)
    thread.join(10)
    assert failed == []
    assert b"".join(piecewise.spool.feed()) == piecewise.expected


def test_memory_stays_flat_with_large_fragments(piecewise: Piecewise) -> None:
    piecewise.serve([content(48 * MIB)] * 4)
    piecewise.origin.files["/3"].chunked = True
    process = psutil.Process()
    before, most = process.memory_info().rss, [0]
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.005):
            most[0] = max(most[0], process.memory_info().rss)

    watcher, _ = in_background(watch)
    reader, raised = in_background(lambda: [None for _ in piecewise.spool.feed()])
    piecewise.fetch()
    reader.join(20)
    done.set()
    watcher.join(30)
    assert raised == []
    assert most[0] - before < 24 * MIB
