"""The straight ways: every kind of honest source gives the exact bytes, in playing order."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from downloads.engine.core.errors import DownloadError
from downloads.engine.core.media import Fragment
from downloads.engine.transfer.fragments import request
from tests.engine.transfer.fragments.harness import Piecewise, body
from tests.support.content import MIB, content
from tests.support.file import File
from tests.support.origin import Origin
from tests.support.request import Request


@pytest.mark.parametrize("knobs", [{}, {"chunked": True}, {"no_length": True}])
@pytest.mark.parametrize("size", [10, 100_000, 1_500_000])
def test_every_framing_and_size(piecewise: Piecewise, knobs: dict[str, bool], size: int) -> None:
    piecewise.serve([body(index, size) for index in range(9)], **knobs)
    outcome = piecewise.exact()
    assert (outcome.resumed_bytes, outcome.resumed_fragments, outcome.parts) == (0, 0, (0,))
    assert len(piecewise.origin.log) == 9


def test_one_fragment_and_an_empty_one(piecewise: Piecewise) -> None:
    piecewise.serve([b""])
    piecewise.exact()


def test_connections_are_kept(piecewise: Piecewise) -> None:
    piecewise.serve([body(index) for index in range(40)])
    piecewise.exact()
    assert piecewise.origin.connections <= 4


@pytest.mark.parametrize("knobs", [{}, {"chunked": True}, {"cut_after": 9000, "cuts": 1}])
def test_over_tls(secure_origin: Origin, tmp_path: Path, knobs: dict[str, object]) -> None:
    piecewise = Piecewise(secure_origin, tmp_path / "spool")
    piecewise.serve([body(index) for index in range(24)], **knobs)
    piecewise.exact()
    assert secure_origin.busy <= 4 or knobs


def test_the_limit_of_connections_is_kept_and_used(piecewise: Piecewise) -> None:
    busy: list[int] = []

    def slow(file: File, asked: Request) -> None:
        busy.append(piecewise.origin.busy)
        time.sleep(0.02)

    piecewise.serve([body(index) for index in range(24)], on_request=slow)
    piecewise.limit(connections=3)
    piecewise.exact()
    assert max(busy) == 3


def test_no_more_than_a_window_ahead_of_what_is_missing(piecewise: Piecewise) -> None:
    piecewise.serve([body(index) for index in range(30)])
    piecewise.origin.files["/2"].silent_after = 10
    piecewise.origin.files["/2"].silences = 1
    piecewise.limit(stall_timeout=0.5)
    piecewise.exact()
    paths = [asked.path for asked in piecewise.origin.log]
    again = len(paths) - 1 - paths[::-1].index("/2")
    assert {int(path[1:]) for path in paths[:again]} == set(range(2 + 2 * 4))


def ranged(origin: Origin, data: bytes, size: int, path: str = "/all") -> tuple[Fragment, ...]:
    return tuple(
        Fragment(origin.url(path), (start, min(start + size, len(data))), duration=1.0)
        for start in range(0, len(data), size)
    )


@pytest.mark.parametrize("knobs", [{}, {"ranges": False}, {"chunked": True}])
def test_byte_ranges_of_one_file(piecewise: Piecewise, knobs: dict[str, bool]) -> None:
    """A source that sends the whole file instead: the slice is cut out of it."""
    data = content(MIB)
    piecewise.origin.serve("/all", data, **knobs)
    piecewise.fragments, piecewise.expected = ranged(piecewise.origin, data, 200_000), data
    piecewise.exact()


def test_a_range_far_into_a_file_that_comes_whole_is_not_waited_for(
    piecewise: Piecewise, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request, "SKIP_LIMIT", 300_000)
    data = content(MIB)
    piecewise.origin.serve("/all", data, ranges=False)
    piecewise.fragments = ranged(piecewise.origin, data, 200_000)
    with pytest.raises(DownloadError) as raised:
        piecewise.fetch()
    assert raised.value.code == "bad_response"
    assert "parts of a file" in raised.value.message


def test_headers_before_and_parts_between(piecewise: Piecewise) -> None:
    """An init section and a discontinuity: each part is fed by itself."""
    piecewise.serve([body(index) for index in range(6)])
    fragments = [replace(each, part=index // 3) for index, each in enumerate(piecewise.fragments)]
    fragments[0] = replace(fragments[0], init=True, duration=0.0)
    fragments[3] = replace(fragments[3], init=True, duration=0.0)
    piecewise.fragments = tuple(fragments)
    assert piecewise.exact().parts == (0, 1) == piecewise.spool.parts()
    parts = [b"".join(piecewise.spool.feed(part)) for part in (0, 1)]
    assert parts == [b"".join(map(body, range(3))), b"".join(map(body, range(3, 6)))]


def test_redirects_are_followed_and_judged(piecewise: Piecewise) -> None:
    piecewise.serve([body(0), body(1)])
    piecewise.origin.serve("/1", b"", redirect="/moved")
    piecewise.origin.serve("/moved", body(1))
    piecewise.exact()
    piecewise.origin.serve("/1", b"", redirect="http://127.0.0.1:1@10.0.0.1/")
    inside = piecewise.successor()
    inside.store.save(type(inside.store.load())())  # type: ignore[misc]
    with pytest.raises(DownloadError) as raised:
        inside.fetch()
    assert raised.value.code == "blocked_address"


def test_secrets_go_to_the_lists_own_origin_alone(piecewise: Piecewise) -> None:
    other = Origin()
    try:
        other.serve("/x", body(1))
        piecewise.serve([body(0), body(1)])
        piecewise.fragments = (piecewise.fragments[0], Fragment(other.url("/x"), duration=2.0))
        headers = (("Cookie", "a=b"), ("Authorization", "Basic eA=="), ("Referer", "http://r/"))
        listing = replace(
            piecewise.listing(), headers=headers, url=piecewise.origin.url("/list.m3u8")
        )
        piecewise.load = lambda: listing
        piecewise.exact()
        (own,), (foreign,) = piecewise.origin.log, other.log
        assert {"cookie", "authorization", "referer"} <= own.headers.keys()
        assert foreign.headers["referer"] == "http://r/"
        assert not {"cookie", "authorization"} & foreign.headers.keys()
    finally:
        other.close()


def test_progress_ends_at_all_of_it_and_never_loses_ground(piecewise: Piecewise) -> None:
    piecewise.serve([body(index, 20_000 * (index + 1)) for index in range(20)], rate=2e6)
    piecewise.exact()
    shares = [each.bytes_done / each.bytes_total for each in piecewise.reports if each.bytes_total]
    assert shares == sorted(shares)
    last = piecewise.reports[-1]
    assert last.bytes_done == last.bytes_total == len(piecewise.expected)
    assert len(piecewise.reports) > 3
