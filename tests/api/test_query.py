"""Unknown parameters of a GET are refused, and no answer is kept by a cache."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.arrange import DOWNLOADS, address, first_error, make_completed
from tests.services.playlists.arrange import pasted

LISTS = ("downloads/", "content/", "groups/", "cookies/", "webhooks/", "queue/")


@pytest.mark.parametrize("path", LISTS)
def test_an_unknown_parameter(as_alice: Any, path: str) -> None:
    response = as_alice.get(f"/api/v1/{path}?status=failed&limit=5&page=2")
    assert response.status_code == 400
    error = first_error(response)
    assert (error["code"], error["attr"]) == ("unknown_parameter", "status")


def test_an_unknown_parameter_of_one_row(as_alice: Any, download: Any, alice: Any) -> None:
    playlist = pasted(alice, 1).pk
    rows = (address(download), address(download, "events"), f"/api/v1/content/{playlist}/entries/")
    for path in rows:
        assert as_alice.get(path).status_code == 200, path
        assert first_error(as_alice.get(f"{path}?expand=1"))["code"] == "unknown_parameter", path


def test_an_empty_parameter_counts_as_missing(as_alice: Any) -> None:
    assert as_alice.get(f"{DOWNLOADS}?tab=&search=&cursor=").status_code == 200


def test_a_player_may_add_its_own(as_alice: Any, download: Any) -> None:
    make_completed(download)
    response = as_alice.get(f"{address(download, 'file')}?_=1700000000")
    assert (response.status_code, response["Cache-Control"]) == (200, "private")


def test_no_cache_keeps_an_answer(as_alice: Any, anyone: Any, download: Any) -> None:
    hook = {"url": "https://hook.example/x"}
    sign_in = {"username": "alice", "password": "correct horse"}
    for response in (
        anyone.post("/api/v1/auth/login/", sign_in),
        as_alice.post("/api/v1/realtime/ticket/"),
        as_alice.post("/api/v1/webhooks/", hook),
        as_alice.get(address(download)),
        as_alice.get(DOWNLOADS),
        as_alice.get(f"{DOWNLOADS}?what=1"),
    ):
        assert response["Cache-Control"] == "no-store", response.request
