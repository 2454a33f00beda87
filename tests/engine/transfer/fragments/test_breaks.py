"""Sources that break off, lie, throttle or never end: exact bytes, or the right code."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from downloads.engine.core.errors import DiskFull, DownloadError
from tests.engine.transfer.fragments.harness import Piecewise, body
from tests.engine.transfer.fragments.test_exact import ranged
from tests.support.content import MIB, content
from tests.support.origin import Origin


@pytest.mark.parametrize(
    "knobs",
    [
        {"cut_after": 30_000, "cuts": 2},
        {"cut_after": 30_000, "cuts": 2, "clean_cut": True},
        {"cut_after": 30_000, "cuts": 2, "chunked": True},
        {"cut_after": 0, "cuts": 1},
        {"silent_after": 40_000, "silences": 1},
        {"silent_after": 0, "silences": 1},
        {"chunked": True, "silent_after": 40_000, "silences": 1},
        {"answers": [(500, {}), (503, {})]},
        {"answers": [(429, {"Retry-After": "0"})]},
    ],
)
def test_a_fragment_that_breaks_is_fetched_again(
    piecewise: Piecewise, knobs: dict[str, object]
) -> None:
    piecewise.serve([body(index) for index in range(8)])
    sick = piecewise.origin.files["/3"]
    piecewise.origin.files["/3"] = replace(sick, **knobs)  # type: ignore[arg-type]
    piecewise.limit(stall_timeout=1.0)
    piecewise.exact()
    assert piecewise.asked("/3") > 1
    assert all(piecewise.asked(f"/{index}") == 1 for index in range(8) if index != 3)


def test_every_connection_reset_once(piecewise: Piecewise) -> None:
    piecewise.serve([body(index) for index in range(20)], cut_after=50_000, cuts=1)
    piecewise.exact()


def test_a_fragment_shorter_than_promised_is_no_fragment(piecewise: Piecewise) -> None:
    piecewise.serve([body(index) for index in range(4)])
    piecewise.origin.files["/2"].length = 200_000
    with pytest.raises(DownloadError) as raised:
        piecewise.fetch()
    assert raised.value.code in ("network", "bad_response")
    assert piecewise.asked("/2") == piecewise.config.segment_attempts


@pytest.mark.parametrize("knobs", [{"range_shift": 7}, {"max_range": 5000}])
def test_another_range_than_asked_for_is_never_used(
    piecewise: Piecewise, knobs: dict[str, int]
) -> None:
    data = content(MIB)
    piecewise.origin.serve("/all", data, **knobs)
    piecewise.fragments, piecewise.expected = ranged(piecewise.origin, data, 200_000), data
    piecewise.exact()


@pytest.mark.parametrize("ranges", [True, False])
def test_a_range_beyond_the_end(piecewise: Piecewise, ranges: bool) -> None:
    data = content(500_000)
    piecewise.origin.serve("/all", data, ranges=ranges)
    fragments = ranged(piecewise.origin, data, 200_000)
    piecewise.fragments = (*fragments, replace(fragments[0], range=(500_000, 700_000)))
    with pytest.raises(DownloadError) as raised:
        piecewise.fetch()
    assert raised.value.code == "bad_response"


def test_retry_after_is_waited_for_with_fewer_connections(piecewise: Piecewise) -> None:
    busy: list[int] = []
    piecewise.serve([body(index) for index in range(20)])
    for file in piecewise.origin.files.values():
        file.on_request = lambda file, asked: busy.append(piecewise.origin.busy)
    piecewise.origin.files["/0"].answers = [(429, {"Retry-After": "1"})]
    began = time.monotonic()
    piecewise.exact()
    assert time.monotonic() - began >= 1
    assert piecewise.asked("/0") == 2


def test_a_long_retry_after_is_passed_on(piecewise: Piecewise) -> None:
    piecewise.serve([body(0)], answers=[(429, {"Retry-After": "600"})])
    with pytest.raises(DownloadError) as raised:
        piecewise.fetch()
    assert (raised.value.code, raised.value.retry_after) == ("rate_limited", 600)


def test_a_source_that_grants_one_connection_is_had_over_one(piecewise: Piecewise) -> None:
    piecewise.serve([body(index, 20_000) for index in range(12)], most_connections=1)
    piecewise.exact()


def test_a_compressed_body_is_unpacked(piecewise: Piecewise) -> None:
    piecewise.serve([body(0, 10**6)], encoding="gzip")
    piecewise.exact()


@pytest.mark.parametrize("knobs", [{"endless": True, "chunked": True}, {"length": 10**12}])
def test_a_fragment_without_end_is_cut(piecewise: Piecewise, knobs: dict[str, object]) -> None:
    piecewise.serve([body(index) for index in range(4)])
    sick = piecewise.origin.files["/3"]
    piecewise.origin.files["/3"] = replace(sick, **knobs)  # type: ignore[arg-type]
    piecewise.limit(max_bytes=3 * MIB)
    with pytest.raises(DownloadError) as raised:
        piecewise.fetch()
    assert raised.value.code == "too_large"
    used = sum(entry.stat().st_size for entry in piecewise.directory.rglob("*") if entry.is_file())
    assert used <= 3 * MIB


def test_the_sum_of_all_is_limited_too(piecewise: Piecewise) -> None:
    piecewise.serve([body(index) for index in range(20)])
    piecewise.limit(max_bytes=MIB)
    with pytest.raises(DownloadError) as raised:
        piecewise.fetch()
    assert raised.value.code == "too_large"


def test_what_the_list_itself_says_is_too_much_is_not_begun(piecewise: Piecewise) -> None:
    piecewise.serve([body(0), body(1)])
    first, last = piecewise.fragments
    piecewise.fragments = (first, replace(last, range=(0, 10**18)))
    with pytest.raises(DownloadError) as raised:
        piecewise.fetch()
    assert raised.value.code == "too_large"
    assert piecewise.origin.log == []


def test_the_deadline_and_the_minimum_rate(piecewise: Piecewise) -> None:
    piecewise.serve([body(index) for index in range(8)], rate=20_000)
    piecewise.limit(deadline=0.3)
    with pytest.raises(DownloadError) as raised:
        piecewise.fetch()
    assert raised.value.code == "deadline"
    piecewise.limit(deadline=3600, min_rate=10**9, min_rate_window=0.5)
    with pytest.raises(DownloadError) as raised:
        piecewise.fetch()
    assert raised.value.code == "stalled"


def test_a_full_disk(origin: Origin, small_disk: Path) -> None:
    piecewise = Piecewise(origin, small_disk / "spool")
    piecewise.serve([body(index, 400_000) for index in range(4)], chunked=True)
    with pytest.raises(DiskFull), piecewise.client:
        piecewise.fetch()


def test_a_folder_that_cannot_be_written_to(piecewise: Piecewise, tmp_path: Path) -> None:
    piecewise.serve([body(0)])
    (tmp_path / "spool").write_text("in the way")
    with pytest.raises(DownloadError) as raised:
        piecewise.fetch()
    assert raised.value.code == "storage_unavailable"
