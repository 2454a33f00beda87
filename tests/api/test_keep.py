"""PATCH downloads/{id}/: when it expires; for staff, when it runs."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from downloads.models import Download
from tests.api.arrange import address, bring_to, code, first_error
from tests.support.ledger import ask


def test_keep_until_then_and_for_good(as_alice: Any, download: Download) -> None:
    then = (timezone.now() + dt.timedelta(days=3)).replace(microsecond=0)
    body = as_alice.patch(address(download), {"expiresAt": then.isoformat()}).json()
    assert parse_datetime(body["expiresAt"]) == then
    assert as_alice.patch(address(download), {"expiresAt": None}).json()["expiresAt"] is None


@pytest.mark.parametrize("state", ["cancelled", "expired"])
def test_what_is_gone_cannot_be_kept(as_alice: Any, download: Download, state: str) -> None:
    bring_to(download, state)
    response = as_alice.patch(address(download), {"expiresAt": None})
    assert code(response) == (409, "invalid_state")


def test_priority_is_for_staff(as_alice: Any, as_charlie: Any, charlie: Any, alice: Any) -> None:
    own, charlies = ask(alice), ask(charlie)
    assert code(as_alice.patch(address(own), {"priority": 5})) == (403, "permission_denied")
    assert as_charlie.patch(address(charlies), {"priority": 5}).status_code == 200
    found = Download.objects.values_list("priority", flat=True)
    assert sorted(found) == [0, 5]


def test_one_refusal_changes_nothing(as_alice: Any, download: Download) -> None:
    then = (timezone.now() + dt.timedelta(days=3)).isoformat()
    response = as_alice.patch(address(download), {"expiresAt": then, "priority": 1})
    assert code(response) == (403, "permission_denied")
    download.refresh_from_db()
    assert download.expires_at is None


def test_both_or_none(as_charlie: Any, charlie: Any) -> None:
    download = ask(charlie)
    bring_to(download, "cancelled")
    response = as_charlie.patch(address(download), {"expiresAt": None, "priority": 5})
    assert code(response) == (409, "invalid_state")
    assert Download.objects.get().priority == 0


@pytest.mark.parametrize(
    ("body", "attr", "wanted"),
    [
        ({}, None, "required"),
        ([], None, "invalid"),
        ({"expiresAt": "2020-01-01T00:00:00Z"}, "expiresAt", "in_the_past"),
        ({"expiresAt": "0001-01-01T00:00:00+14:00"}, "expiresAt", "in_the_past"),
        ({"expiresAt": "9999-12-31T23:59:59Z"}, "expiresAt", "too_far"),
        ({"expiresAt": "9999-12-31T23:59:59-14:00"}, "expiresAt", "too_far"),
        ({"expiresAt": "10000-01-01T00:00:00Z"}, "expiresAt", "invalid"),
        ({"expiresAt": "2100-01-01T00:00:00"}, "expiresAt", "invalid"),
        ({"expiresAt": "soon"}, "expiresAt", "invalid"),
        ({"expiresAt": 10**30}, "expiresAt", "invalid"),
        ({"expiresAt": {}}, "expiresAt", "invalid"),
        ({"priority": 32_768}, "priority", "max_value"),
        ({"priority": -32_769}, "priority", "min_value"),
        ({"priority": 10**30}, "priority", "max_value"),
        ({"priority": None}, "priority", "invalid"),
        ({"priority": "1"}, "priority", "invalid"),
        ({"status": "completed"}, "status", "unknown_field"),
    ],
    ids=str,
)
def test_bad_input(as_charlie: Any, charlie: Any, body: Any, attr: str | None, wanted: str) -> None:
    response = as_charlie.patch(address(ask(charlie)), body, format="json")
    error = first_error(response)
    assert (response.status_code, error["attr"], error["code"]) == (400, attr, wanted)


def test_a_stranger_finds_nothing(as_bob: Any, as_charlie: Any, download: Download) -> None:
    for body in [{"expiresAt": None}, {"priority": 1}, {"nonsense": 1}]:
        assert code(as_bob.patch(address(download), body)) == (404, "not_found")
        assert code(as_charlie.patch(address(download), body)) == (404, "not_found")
