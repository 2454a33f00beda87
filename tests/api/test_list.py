"""GET downloads/: tabs, search, pages; only one's own; a constant number of queries."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from downloads.api import pagination
from downloads.models import Download
from tests.api.arrange import DOWNLOADS, STATES, bring_to, code, first_error
from tests.support.ledger import ask, url


def ids(response: Any) -> list[str]:
    assert response.status_code == 200, response.json()
    assert set(response.json()) == {"next", "previous", "results"}
    return [row["id"] for row in response.json()["results"]]


def test_newest_first_and_only_ones_own(as_alice: Any, alice: Any, bob: Any) -> None:
    own = [str(ask(alice).pk) for _ in range(3)]
    ask(bob)
    assert ids(as_alice.get(DOWNLOADS)) == own[::-1]


@pytest.mark.parametrize(
    ("tab", "states"),
    [
        ("active", ["queued", "running", "paused"]),
        ("completed", ["completed", "expired"]),
        ("failed", ["failed", "cancelled"]),
        ("", list(STATES)),
    ],
)
def test_tabs(as_alice: Any, alice: Any, tab: str, states: list[str]) -> None:
    wanted = []
    # what is to be claimed comes first: the ledger takes the oldest
    for state in sorted(STATES, key="completed failed running".find, reverse=True):
        download = ask(alice)
        bring_to(download, state)
        wanted += [str(download.pk)] if state in states else []
    assert sorted(ids(as_alice.get(f"{DOWNLOADS}?tab={tab}"))) == sorted(wanted)


def test_an_unknown_tab(as_alice: Any) -> None:
    response = as_alice.get(f"{DOWNLOADS}?tab=all")
    assert code(response) == (400, "invalid_choice")
    error = first_error(response)
    assert (error["attr"], error["detail"]) == ("tab", "Choose one of: active, completed, failed.")


def test_search(as_alice: Any, alice: Any) -> None:
    cats = ask(alice, "https://media.example/cats.mp4", title="My 100% cats")
    dogs = ask(alice, "https://media.example/dogs.mp4")
    for words, found in [
        ("cats", [cats]),
        ("CATS my", [cats]),
        ("dogs.mp4", [dogs]),
        ("media.example", [dogs, cats]),
        ("0%", [cats]),
        ("%", [cats]),
        ("birds", []),
    ]:
        response = as_alice.get(DOWNLOADS, {"search": words})
        assert ids(response) == [str(one.pk) for one in found], words


@pytest.mark.parametrize("search", ["%00", "x" * 201, "%f0%9f%98%80", "%ff", "%ed%a0%80"])
def test_odd_searches(as_alice: Any, download: Download, search: str) -> None:
    assert as_alice.get(f"{DOWNLOADS}?search={search}").status_code in (200, 400)


def test_a_nul_in_a_search(as_alice: Any) -> None:
    wanted = (400, "null_characters_not_allowed")
    assert code(as_alice.get(f"{DOWNLOADS}?search=a%00b")) == wanted


def follow(client: Any, way: str, at: str) -> list[list[str]]:
    pages = []
    while at:
        response = client.get(at)
        pages.append(ids(response))
        at = response.json()[way]
    return pages


def test_pages_there_and_back(as_alice: Any, alice: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pagination.ByTime, "page_size", 3)
    own = [str(ask(alice).pk) for _ in range(8)][::-1]
    there = follow(as_alice, "next", f"{DOWNLOADS}?tab=active")
    assert there == [own[:3], own[3:6], own[6:]]
    last = DOWNLOADS
    while (response := as_alice.get(last)).json()["next"]:
        last = response.json()["next"]
    back = follow(as_alice, "previous", last)
    assert back == there[::-1]


def test_a_page_is_steady_while_rows_come_and_go(
    as_alice: Any, alice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pagination.ByTime, "page_size", 2)
    own = [ask(alice) for _ in range(4)][::-1]
    following = as_alice.get(DOWNLOADS).json()["next"]
    ask(alice)
    own[1].delete()
    assert ids(as_alice.get(following)) == [str(one.pk) for one in own[2:]]


@pytest.mark.parametrize(
    "cursor",
    [
        "nonsense",
        "%00",
        "%C3%A4",
        base64.b64encode(b"p=yesterday").decode(),
        base64.b64encode(b"p=2024-01-01").decode(),
        base64.b64encode(b"p=9999-12-31T23:59:59-14:00").decode(),
        base64.b64encode(b"p=0001-01-01T00:00:00%2B00:00").decode(),
        base64.b64encode(b"p=a%00").decode(),
        base64.b64encode(b"o=-1").decode(),
        base64.b64encode(b"r=x").decode(),
        base64.b64encode(b"&" * 2000).decode(),
    ],
)
def test_a_cursor_that_is_not_ours(as_alice: Any, download: Download, cursor: str) -> None:
    response = as_alice.get(f"{DOWNLOADS}?cursor={cursor}")
    if response.status_code != 200:  # some say nothing, which is the first page
        assert code(response) == (400, "invalid_cursor")


def test_nonsense_is_told_so(as_alice: Any) -> None:
    cursor = base64.b64encode(b"p=yesterday").decode()
    assert first_error(as_alice.get(f"{DOWNLOADS}?cursor={cursor}"))["attr"] == "cursor"


@pytest.mark.slow
@pytest.mark.parametrize(("search", "most"), [("", 7), ("media", 8)])  # and a look how rare it is
def test_fifty_cost_as_many_queries_as_five(
    as_alice: Any, alice: Any, search: str, most: int
) -> None:
    costs = []
    for _ in range(2):
        for _ in range(5 if not costs else 45):
            ask(alice, url())
        with CaptureQueriesContext(
            connection,
        ) as queries:
            found = ids(as_alice.get(f"{DOWNLOADS}?tab=active&search={search}"))
        costs.append((len(found), len(queries)))
    assert [found for found, _ in costs] == [5, 50]
    assert costs[0][1] == costs[1][1] <= most


def test_queue_positions(as_alice: Any, alice: Any) -> None:
    for _ in range(3):
        ask(alice)
    found = as_alice.get(DOWNLOADS).json()["results"]
    assert [row["queuePosition"] for row in found] == [3, 2, 1]
