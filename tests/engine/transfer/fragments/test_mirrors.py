"""Fragments with several URLs, and fragments that may be missing.

Sources: xbmc/inputstream.adaptive#326 (which of two mirrors has a file differs),
google/ExoPlayer#771, shaka-project/shaka-player#68, Dash-Industry-Forum/dash.js#571 #1455.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from downloads.engine.core.errors import DownloadError, Incomplete, NetworkError
from downloads.engine.core.media import Fragment
from downloads.engine.transfer.fragments.mirrors import Mirrors
from tests.engine.transfer.fragments.harness import Piecewise, body

REFUSING = "http://127.0.0.1:1"  # a port that refuses


def mirrored(piecewise: Piecewise, *bases: str) -> None:
    """Each fragment at all of ``bases``; a path is one of the origin's."""
    urls = [base if base.startswith("http") else piecewise.origin.url(base) for base in bases]
    piecewise.fragments = tuple(
        replace(each, url=first, alternates=tuple(others))
        for place, each in enumerate(piecewise.fragments)
        for first, *others in [[f"{url}/{place}" for url in urls]]
    )


@pytest.fixture
def served(piecewise: Piecewise) -> Piecewise:
    piecewise.serve([body(index) for index in range(8)])
    return piecewise


@pytest.mark.parametrize("dead", ["/gone", REFUSING])
def test_a_dead_mirror_costs_one_question_for_each_connection(dead: str, served: Piecewise) -> None:
    mirrored(served, dead, "")
    served.limit(connections=2)
    served.exact()
    assert sum(asked.path.startswith("/gone") for asked in served.origin.log) <= 3


def test_each_has_what_the_other_lacks(served: Piecewise) -> None:
    for index in (1, 4, 5):
        served.origin.serve(f"/other/{index}", body(index))
        del served.origin.files[f"/{index}"]
    mirrored(served, "", "/other")
    served.exact()


@pytest.mark.parametrize("status", [403, 404, 410, 500, 503])
def test_whatever_it_refuses_with(status: int, served: Piecewise) -> None:
    for index in range(8):
        served.origin.serve(f"/bad/{index}", b"no", answers=[(status, {})] * 20)
    mirrored(served, "/bad", "")
    served.exact()


def test_a_mirror_that_breaks_off_is_left(served: Piecewise) -> None:
    for index in range(8):
        served.origin.serve(f"/cut/{index}", body(index), cut_after=50, cuts=20)
    mirrored(served, "/cut", "")
    served.exact()


def test_where_none_has_it_the_list_is_loaded_again(served: Piecewise) -> None:
    good = served.fragments
    mirrored(served, "/a", "/b")
    lists = [served.fragments, good]
    served.load = lambda: replace(served.listing(), fragments=lists.pop(0))
    served.exact()


def test_one_that_no_mirror_has_is_missing(served: Piecewise) -> None:
    del served.origin.files["/6"]
    mirrored(served, "/gone", "")
    with pytest.raises(Incomplete) as raised:
        served.fetch()
    assert "Part 7 of 8" in raised.value.message


@pytest.mark.parametrize("status", [403, 404, 410])
def test_what_may_be_missing_is_left_out(status: int, served: Piecewise) -> None:
    served.origin.serve("/7", b"", answers=[(status, {})] * 20)
    served.fragments = (*served.fragments[:7], replace(served.fragments[7], optional=True))
    served.expected = b"".join(body(index) for index in range(7))
    outcome = served.exact()
    assert outcome.fragments == 8
    assert served.successor().exact().resumed_fragments == 8


def test_what_may_be_missing_and_is_there_is_kept(served: Piecewise) -> None:
    served.fragments = (*served.fragments[:7], replace(served.fragments[7], optional=True))
    served.exact()


def test_what_may_be_missing_is_no_excuse_for_a_source_that_fails(served: Piecewise) -> None:
    served.origin.serve("/7", b"", answers=[(500, {})] * 20)
    served.fragments = (*served.fragments[:7], replace(served.fragments[7], optional=True))
    with pytest.raises(DownloadError):
        served.fetch()


def test_a_list_with_fewer_mirrors_is_asked_all_the_same() -> None:
    mirrors, many = Mirrors(), Fragment("http://a/1", alternates=("http://b/1", "http://c/1"))
    assert mirrors.has_another(0, many, 0, NetworkError())
    assert mirrors.has_another(0, many, 1, NetworkError())
    few = Fragment("http://a/1", alternates=("http://b/1",))
    assert mirrors.choose(0, few)[1].url == "http://a/1"
