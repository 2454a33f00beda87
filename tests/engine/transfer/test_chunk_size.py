"""A source that wants no long range at once (a format's ``chunk_size``): many short ones."""

from __future__ import annotations

import pytest

from downloads.engine.core.media import Stream
from tests.engine.transfer.harness import Fetcher
from tests.support.content import MIB, content, sha256
from tests.support.origin import Origin

CHUNK = 300_000


@pytest.mark.parametrize("connections", [1, 4])
def test_no_range_is_longer_than_the_source_wants(
    origin: Origin, fetcher: Fetcher, connections: int
) -> None:
    data = content(3 * MIB)
    origin.serve("/a", data, rate=20 * MIB)
    fetcher.limit(connections=connections)
    outcome = fetcher.run(Stream(origin.url("/a"), chunk_size=CHUNK))
    assert outcome.sha256 == sha256(data)
    assert len(origin.log) >= len(data) // CHUNK
    for asked in origin.log:
        assert asked.end is not None
        assert asked.end - (asked.start or 0) <= CHUNK


def test_a_version_that_nothing_pins_is_asked_for_whole(origin: Origin, fetcher: Fetcher) -> None:
    data = content(MIB)
    origin.serve("/a", data, etag=None, last_modified=None)
    outcome = fetcher.run(Stream(origin.url("/a"), chunk_size=CHUNK))
    assert outcome.sha256 == sha256(data)
