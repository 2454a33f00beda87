"""Sources that break: exact bytes or a clear failure, never a splice."""

from __future__ import annotations

import pytest

from downloads.engine.core.byte_range import ByteRange
from downloads.engine.core.errors import (
    BadResponse,
    ConnectionLost,
    GeoBlocked,
    LoginRequired,
    NetworkError,
    RateLimited,
    SourceChanged,
    Unavailable,
)
from downloads.engine.core.media import Stream, Validators
from downloads.engine.transfer.checkpoint import Checkpoint
from tests.engine.transfer.harness import Fetcher
from tests.support.content import MIB, content
from tests.support.file import File
from tests.support.memory import MemoryCheckpointStore
from tests.support.origin import Origin
from tests.support.request import Request

SIZE = 3 * MIB


@pytest.mark.parametrize("clean", [False, True], ids=["reset", "short body"])
def test_broken_connections_are_gone_on_with(origin: Origin, fetcher: Fetcher, clean: bool) -> None:
    origin.serve("/a", content(SIZE), cut_after=200_000, cuts=8, clean_cut=clean)
    fetcher.exact("/a")
    assert origin.sent < 2 * SIZE


def test_without_ranges_a_break_begins_again_from_zero(origin: Origin, fetcher: Fetcher) -> None:
    origin.serve("/a", content(SIZE), ranges=False, cut_after=MIB, cuts=2)
    assert fetcher.exact("/a").resumed_bytes == 0
    assert [asked.start for asked in origin.log] == [0, 0, 0]


def test_without_a_validator_nothing_is_put_together(origin: Origin, fetcher: Fetcher) -> None:
    """Two versions may well have one size: only a whole body is safe."""
    file = origin.serve("/a", content(SIZE), etag=None, cut_after=MIB, cuts=1)

    def change(file: File, asked: Request) -> None:
        if len(origin.log) == 2:
            file.data = content(SIZE, seed=2)

    file.on_request = change
    fetcher.exact("/a")
    assert [asked.start for asked in origin.log] == [0, 0]


def test_a_weak_etag_is_not_used_to_pin(origin: Origin, fetcher: Fetcher) -> None:
    origin.serve("/a", content(SIZE), etag='W/"v1"')
    assert fetcher.exact("/a").validators.etag is None
    assert [asked.if_range for asked in origin.log] == [None]


def test_last_modified_pins_where_there_is_no_strong_etag(origin: Origin, fetcher: Fetcher) -> None:
    day = "Tue, 01 Jul 2025 10:00:00 GMT"
    origin.serve("/a", content(SIZE), etag='W/"v1"', last_modified=day, rate=2e6)
    fetcher.exact("/a")
    assert {asked.if_range for asked in origin.log[1:]} == {day}


@pytest.mark.parametrize("honours_if_range", [True, False])
def test_another_version_half_way_begins_again_and_is_never_spliced(
    origin: Origin, fetcher: Fetcher, honours_if_range: bool
) -> None:
    file = origin.serve("/a", content(SIZE), rate=2e6, ignores_if_range=not honours_if_range)

    def change(file: File, asked: Request) -> None:
        if len(origin.log) == 3:
            file.data, file.etag = content(SIZE, seed=2), '"v2"'

    file.on_request = change
    outcome = fetcher.exact("/a")
    assert outcome.validators.etag == '"v2"'


def test_another_size_under_the_same_etag_is_another_version(
    origin: Origin, fetcher: Fetcher
) -> None:
    file = origin.serve("/a", content(SIZE), rate=2e6)

    def change(file: File, asked: Request) -> None:
        if len(origin.log) == 3:
            file.data = content(SIZE + 1, seed=2)

    file.on_request = change
    fetcher.exact("/a")


def test_a_source_that_never_rests_is_source_changed(origin: Origin, fetcher: Fetcher) -> None:
    file = origin.serve("/a", content(SIZE), cut_after=100_000, cuts=10_000)

    def change(file: File, asked: Request) -> None:
        file.etag = f'"v{len(origin.log)}"'

    file.on_request = change
    with pytest.raises(SourceChanged):
        fetcher.fetch("/a")


def test_servers_that_disagree_about_the_version_are_had_over_one_connection(
    origin: Origin, fetcher: Fetcher
) -> None:
    file = origin.serve("/a", content(SIZE), rate=6e6)

    def disagree(file: File, asked: Request) -> None:
        file.etag = f'"node{len(origin.log) % 2}"'

    file.on_request = disagree
    fetcher.exact("/a")


@pytest.mark.parametrize("shift", [1, -1, 4096])
def test_a_206_of_another_range_is_not_taken(origin: Origin, fetcher: Fetcher, shift: int) -> None:
    origin.serve("/a", content(SIZE), rate=6e6, range_shift=shift)
    fetcher.exact("/a")


def test_a_206_with_another_total_is_another_version(origin: Origin, fetcher: Fetcher) -> None:
    file = origin.serve("/a", content(SIZE), rate=2e6)

    def lie(file: File, asked: Request) -> None:
        file.wrong_total = 5 if asked.start else 0

    file.on_request = lie
    fetcher.exact("/a")
    assert len(origin.log) < 20


def test_ranges_that_stop_working_leave_one_connection(origin: Origin, fetcher: Fetcher) -> None:
    """200 to a later range: the first response goes on to the end, nothing is fetched twice."""
    file = origin.serve("/a", content(SIZE), rate=3e6)

    def only_first(file: File, asked: Request) -> None:
        file.ranges = len(origin.log) == 1

    file.on_request = only_first
    fetcher.exact("/a")
    assert [asked.start for asked in origin.log].count(0) == 1


def test_shorter_ranges_than_asked_for_are_pieced_together(
    origin: Origin, fetcher: Fetcher
) -> None:
    origin.serve("/a", content(SIZE), max_range=300_000)
    fetcher.exact("/a")


def test_a_416_on_resume_begins_again(origin: Origin, fetcher: Fetcher) -> None:
    origin.serve("/a", content(MIB))
    fetcher.local_sink().open(None, None)
    fetcher.local_sink().path.write_bytes(content(2 * MIB, seed=2))
    old = Validators('"v1"', None, 3 * MIB)
    fetcher.store = MemoryCheckpointStore(
        Checkpoint(old, 3 * MIB, (ByteRange(0, 2 * MIB),), "g1.part", 1)
    )
    assert fetcher.exact("/a").resumed_bytes == 0


def test_a_silent_connection_is_replaced(origin: Origin, fetcher: Fetcher) -> None:
    origin.serve("/a", content(SIZE), silent_after=100_000, silences=3)
    fetcher.limit(stall_timeout=0.4)
    fetcher.exact("/a")
    assert origin.sent < 2 * SIZE


@pytest.mark.parametrize("status", [429, 503])
def test_a_short_retry_after_is_waited_for(origin: Origin, fetcher: Fetcher, status: int) -> None:
    origin.serve("/a", content(MIB), answers=[(status, {"Retry-After": "0"})] * 3)
    fetcher.exact("/a")


def test_a_long_retry_after_is_handed_on(origin: Origin, fetcher: Fetcher) -> None:
    origin.serve("/a", content(MIB), answers=[(429, {"Retry-After": "120"})])
    with pytest.raises(RateLimited) as caught:
        fetcher.fetch("/a")
    assert caught.value.retry_after == 120
    assert len(origin.log) == 1


def test_a_refused_further_connection_is_no_reason_to_end(origin: Origin, fetcher: Fetcher) -> None:
    file = origin.serve("/a", content(SIZE), rate=4e6)

    def refuse(file: File, asked: Request) -> None:
        if len(origin.log) > 1:
            file.answers.append((429, {"Retry-After": "120"}))

    file.on_request = refuse
    fetcher.exact("/a")


def test_a_source_that_grants_few_connections_is_content_with_them(
    origin: Origin, fetcher: Fetcher
) -> None:
    origin.serve("/a", content(SIZE), rate=2e6, most_connections=2)
    fetcher.exact("/a")
    # each of the seven further ones may meet the others at the door, once
    assert [asked.status for asked in origin.log].count(503) <= 7


def test_a_server_error_that_passes_is_retried(origin: Origin, fetcher: Fetcher) -> None:
    origin.serve("/a", content(MIB), answers=[(500, {}), (502, {})])
    fetcher.exact("/a")


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, LoginRequired),
        (403, Unavailable),
        (404, Unavailable),
        (410, Unavailable),
        (451, GeoBlocked),
        (500, BadResponse),
    ],
)
def test_a_refusal_has_the_code_of_the_contract(
    origin: Origin, fetcher: Fetcher, status: int, error: type[Exception]
) -> None:
    origin.serve("/a", content(MIB), answers=[(status, {})] * 9)
    with pytest.raises(error):
        fetcher.fetch("/a")
    # and once without a range, the first time
    assert len(origin.log) <= fetcher.config.segment_attempts + 2


@pytest.mark.parametrize("clean", [False, True], ids=["reset", "short body"])
def test_a_body_that_always_breaks_at_once_is_a_network_error(
    origin: Origin, fetcher: Fetcher, clean: bool
) -> None:
    """Its sentence does not say that the source could not be reached: it was."""
    origin.serve("/a", content(MIB), cut_after=0, cuts=1000, clean_cut=clean)
    with pytest.raises(ConnectionLost, match=r"early|Reset") as caught:
        fetcher.fetch("/a")
    assert caught.value.code == "network"
    assert "closed the connection too early" in caught.value.message
    assert len(origin.log) < 30


def test_no_listener_is_a_network_error(origin: Origin, fetcher: Fetcher) -> None:
    origin.close()
    with pytest.raises(NetworkError):
        fetcher.fetch("/a")


class Signed:
    """Links that expire: each refresh serves the same file under a new path."""

    def __init__(self, origin: Origin, data: bytes, expires_after: int) -> None:
        self.origin = origin
        self.made = 0
        self.file = origin.serve("/signed-0", data, rate=2e6)
        self.file.on_request = self.expire
        self.expires_after = expires_after
        self.asked = 0

    def expire(self, file: File, asked: Request) -> None:
        self.asked += 1
        if self.asked > self.expires_after:
            file.answers.append((403, {}))

    def __call__(self) -> Stream:
        self.made += 1
        path = f"/signed-{self.made}"
        file = self.origin.serve(path, self.file.data, etag=self.file.etag, rate=2e6)
        validators = Validators(file.etag, None, len(file.data))
        return Stream(self.origin.url(path), validators=validators)


def test_an_expired_link_is_renewed_and_the_transfer_goes_on(
    origin: Origin, fetcher: Fetcher
) -> None:
    refresh = Signed(origin, content(SIZE), expires_after=3)
    fetcher.refresh = refresh
    fetcher.exact("/signed-0")
    assert refresh.made == 1
    starts = [(asked.path, asked.start) for asked in origin.log if asked.status == 206]
    assert [start for _, start in starts].count(0) == 1


def test_a_renewed_link_to_another_version_begins_again(origin: Origin, fetcher: Fetcher) -> None:
    refresh = Signed(origin, content(SIZE), expires_after=2)

    def changed() -> Stream:
        refresh.file.data, refresh.file.etag = content(SIZE, seed=2), '"v2"'
        return refresh()

    fetcher.refresh = changed
    fetcher.exact("/signed-0")


def test_an_expired_link_without_a_way_to_renew_it_is_a_refusal(
    origin: Origin, fetcher: Fetcher
) -> None:
    file = Signed(origin, content(SIZE), expires_after=1).file
    file.cut_after, file.cuts = 500_000, 99
    with pytest.raises(Unavailable):
        fetcher.fetch("/signed-0")


def test_who_falls_silent_at_the_end_is_not_waited_for(
    origin: Origin, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are done and can take over: long before it counts as stalled."""
    monkeypatch.setattr("downloads.engine.transfer.connections.IMPATIENT", 0.3)
    origin.serve("/a", content(SIZE), rate=2e6, silent_after=200_000, silences=1)
    fetcher.limit(stall_timeout=3600.0, connections=4)
    fetcher.exact("/a")
