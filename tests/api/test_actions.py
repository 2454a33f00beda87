"""POST downloads/actions/: many at once, each by itself."""

from __future__ import annotations

from typing import Any

import pytest

from downloads import conf
from downloads.models import Download
from tests.api.arrange import DOWNLOADS, UNKNOWN_ID, bring_to, code, first_error
from tests.support.ledger import ask, status

ACTIONS = f"{DOWNLOADS}actions/"


def act(client: Any, action: str, *ids: Any) -> list[dict[str, Any]]:
    response = client.post(ACTIONS, {"action": action, "ids": [str(one) for one in ids]})
    assert response.status_code == 200, response.json()
    return response.json()["results"]


@pytest.mark.parametrize(
    ("action", "state", "then"),
    [
        ("cancel", "queued", "cancelled"),
        ("pause", "queued", "paused"),
        ("resume", "paused", "queued"),
        ("retry", "cancelled", "queued"),
    ],
)
def test_each_action(as_alice: Any, alice: Any, action: str, state: str, then: str) -> None:
    own = [ask(alice) for _ in range(3)]
    for download in own:
        bring_to(download, state)
    results = act(as_alice, action, *(one.pk for one in own))
    assert [result["id"] for result in results] == [str(one.pk) for one in own]
    assert [result["download"]["status"] for result in results] == [then] * 3
    assert [result["error"] for result in results] == [None] * 3


def test_delete(as_alice: Any, alice: Any) -> None:
    own = [ask(alice) for _ in range(3)]
    results = act(as_alice, "delete", *(one.pk for one in own))
    assert [(result["download"], result["error"]) for result in results] == [(None, None)] * 3
    assert not Download.objects.exists()


def test_one_refusal_does_not_hold_the_others(as_alice: Any, alice: Any, bob: Any) -> None:
    mine, failed, bobs = ask(alice), ask(alice), ask(bob)
    bring_to(failed, "cancelled")
    results = act(as_alice, "pause", failed.pk, bobs.pk, UNKNOWN_ID, mine.pk)
    codes = [result["error"] and result["error"]["code"] for result in results]
    assert codes == ["invalid_state", "not_found", "not_found", None]
    assert all(set(result["error"]) == {"code", "detail", "attr"} for result in results[:3])
    assert (status(mine), status(bobs)) == ("paused", "queued")


def test_an_id_twice_is_once(as_alice: Any, download: Download) -> None:
    results = act(as_alice, "delete", download.pk, download.pk)
    assert [result["error"] for result in results] == [None]


@pytest.mark.parametrize(
    ("body", "attr", "wanted"),
    [
        ({}, "action", "required"),
        ({"action": "explode", "ids": [UNKNOWN_ID]}, "action", "invalid_choice"),
        ({"action": "pause", "ids": []}, "ids", "min_length"),
        ({"action": "pause", "ids": UNKNOWN_ID}, "ids", "invalid"),
        ({"action": "pause", "ids": [UNKNOWN_ID, "x"]}, "ids.1", "invalid"),
        ({"action": "pause", "ids": [UNKNOWN_ID, None]}, "ids.1", "invalid"),
        (
            {"action": "pause", "ids": [UNKNOWN_ID] * (conf.MAX_ACTIONS + 1)},
            "ids",
            "max_length",
        ),
    ],
    ids=lambda value: str(value)[:50],
)
def test_bad_input(as_alice: Any, body: Any, attr: str, wanted: str) -> None:
    response = as_alice.post(ACTIONS, body)
    assert code(response) == (400, wanted)
    assert first_error(response)["attr"] == attr
