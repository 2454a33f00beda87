"""Links that expire while the fragments come: the list is loaded again, and must be the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from downloads.engine.core.errors import BadManifest, DownloadError, NetworkError
from downloads.engine.core.media import FragmentList
from tests.engine.transfer.fragments.harness import Piecewise, body
from tests.support.file import File
from tests.support.request import Request


def signed(piecewise: Piecewise, version: int) -> FragmentList:
    origin = piecewise.origin
    fragments = tuple(
        replace(each, url=origin.url(f"/{index}?sig={version}"))
        for index, each in enumerate(piecewise.fragments)
    )
    return FragmentList(fragments, "ts", piecewise.key)


@pytest.fixture
def expiring(piecewise: Piecewise) -> Callable[[], int]:
    """Links work for six requests, then a new list has others. Returns how often it was loaded."""
    bodies = [body(index) for index in range(12)]
    piecewise.serve(bodies)
    loads = [0]
    used = [0]

    def ask(file: File, asked: Request) -> None:
        current = int(asked.target.partition("=")[2]) == loads[0]
        used[0] += current  # what an older list gave out uses up nothing of this one
        file.answers = [] if current and used[0] <= 6 else [(403, {})]

    def load() -> FragmentList:
        loads[0] += 1
        used[0] = 0
        for index, data in enumerate(bodies):
            piecewise.origin.serve(f"/{index}?sig={loads[0]}", data, on_request=ask)
        return signed(piecewise, loads[0])

    piecewise.load = load
    return lambda: loads[0]


def test_it_goes_on_with_the_new_links(piecewise: Piecewise, expiring: Callable[[], int]) -> None:
    piecewise.exact()
    assert 2 <= expiring() <= 4
    sent = [asked.path for asked in piecewise.origin.log if asked.sent]
    assert len(sent) == len(set(sent)), "nothing that was there is fetched again"


def test_only_so_often(piecewise: Piecewise, expiring: Callable[[], int]) -> None:
    piecewise.limit(refreshes=0)
    with pytest.raises(DownloadError) as raised:
        piecewise.fetch()
    assert (raised.value.code, expiring()) == ("incomplete", 1)


def test_a_fragment_that_is_gone_for_good_is_never_skipped(piecewise: Piecewise) -> None:
    piecewise.serve([body(index) for index in range(8)])
    del piecewise.origin.files["/5"]
    with pytest.raises(DownloadError) as raised:
        piecewise.fetch()
    assert raised.value.code == "incomplete"
    assert 3 <= piecewise.asked("/5") <= 4


def test_a_fragment_that_comes_back(piecewise: Piecewise) -> None:
    piecewise.serve([body(index) for index in range(8)])
    piecewise.origin.files["/5"].answers = [(404, {}), (404, {})]
    piecewise.exact()


def test_another_list_begins_again(piecewise: Piecewise) -> None:
    piecewise.serve([body(index) for index in range(8)])
    old = piecewise.listing()
    lists = [old]
    piecewise.origin.files["/6"].answers = [(410, {})]
    piecewise.load = lambda: lists.pop() if lists else replace(piecewise.listing(), key="new")
    piecewise.fragments = piecewise.fragments[::-1]
    piecewise.expected = b"".join(body(index) for index in reversed(range(8)))
    outcome = piecewise.exact()
    assert outcome.resumed_bytes == 0
    kept = piecewise.store.load()
    assert kept is not None
    assert (kept.key, kept.complete) == ("new", True)


def test_a_list_that_is_another_each_time_is_given_up(piecewise: Piecewise) -> None:
    piecewise.serve([body(index) for index in range(8)], answers=[(410, {})] * 99)
    count = [0]

    def load() -> FragmentList:
        count[0] += 1
        return replace(piecewise.listing(), key=str(count[0]))

    piecewise.load = load
    with pytest.raises(DownloadError) as raised:
        piecewise.fetch()
    assert raised.value.code == "source_changed"
    assert count[0] == 2 + piecewise.config.restarts


def test_loading_is_tried_again_where_that_may_help(piecewise: Piecewise) -> None:
    piecewise.serve([body(0)])
    errors: list[Exception] = [NetworkError("away"), NetworkError("away")]

    def load() -> FragmentList:
        if errors:
            raise errors.pop()
        return piecewise.listing()

    piecewise.load = load
    piecewise.exact()


def test_a_list_of_nothing_is_no_list(piecewise: Piecewise) -> None:
    with pytest.raises(BadManifest):
        piecewise.fetch()


def test_a_list_that_cannot_be_read_ends_it(piecewise: Piecewise) -> None:
    def load() -> FragmentList:
        raise BadManifest("no")

    piecewise.load = load
    with pytest.raises(BadManifest):
        piecewise.fetch()
    with pytest.raises(BadManifest):
        next(piecewise.spool.feed())
