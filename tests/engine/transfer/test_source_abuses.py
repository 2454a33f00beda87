"""Sources that abuse: the code of the contract, in bounded time, memory and disk."""

from __future__ import annotations

import pytest

from downloads.engine.core.errors import DeadlineExceeded, Stalled, TooLarge
from tests.engine.transfer.harness import Fetcher
from tests.support.content import MIB, content
from tests.support.origin import Origin


def test_a_bomb_is_not_unpacked(origin: Origin, fetcher: Fetcher) -> None:
    origin.serve("/bomb", bytes(64 * MIB), encoding="gzip")
    with pytest.raises(TooLarge, match="unfold"):
        fetcher.fetch("/bomb")


def test_an_absurd_length_is_refused_before_a_byte_is_written(
    origin: Origin, fetcher: Fetcher
) -> None:
    origin.serve("/a", content(1000), ranges=False, length=10**18)
    with pytest.raises(TooLarge):
        fetcher.fetch("/a")
    assert not fetcher.directory.exists()


@pytest.mark.parametrize("framing", [{"chunked": True}, {"no_length": True}])
def test_an_endless_body_ends_at_the_cap(
    origin: Origin, fetcher: Fetcher, framing: dict[str, bool]
) -> None:
    origin.serve("/a", content(MIB), endless=True, ranges=False, **framing)
    fetcher.limit(max_bytes=5 * MIB)
    with pytest.raises(TooLarge):
        fetcher.fetch("/a")
    assert fetcher.local_sink().path.stat().st_size <= 5 * MIB


def test_a_drip_is_stalled(origin: Origin, fetcher: Fetcher) -> None:
    origin.serve("/a", content(MIB), rate=70_000)  # a block of 64 KiB now and then
    fetcher.limit(min_rate=2 * MIB, min_rate_window=0.5, connections=1)
    with pytest.raises(Stalled):
        fetcher.fetch("/a")
    assert origin.sent < MIB


def test_a_source_that_says_nothing_more_is_stalled(origin: Origin, fetcher: Fetcher) -> None:
    origin.serve("/a", content(MIB), silent_after=1000, silences=999)
    fetcher.limit(stall_timeout=0.1, min_rate_window=1.0, min_rate=1 << 20)
    with pytest.raises(Stalled):
        fetcher.fetch("/a")


def test_the_deadline_ends_it(origin: Origin, fetcher: Fetcher) -> None:
    origin.serve("/a", content(8 * MIB), rate=1e5)
    fetcher.limit(deadline=0.4)
    with pytest.raises(DeadlineExceeded):
        fetcher.fetch("/a")
