"""cookies/: added, listed, replaced, deleted; no answer holds a value; users see only their own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from downloads.models import SiteCookies
from tests.api.arrange import UNKNOWN_ID, code, first_error
from tests.network.jars import LONG_AGO, SECRET, file, keep, line

COOKIES = "/api/v1/cookies/"
TEXT = file(line(".example.com", "sessionid"), line("www.example.com", "theme", "dark"))


def test_kept(as_alice: Any, alice: Any) -> None:
    response = as_alice.post(COOKIES, {"text": TEXT})
    assert response.status_code == 201
    body = response.json()
    assert (body["site"], body["count"], body["health"]) == ("example.com", 2, "ok")
    assert (body["names"], body["advice"], body["lastUsedAt"]) == (
        ["sessionid", "theme"],
        None,
        None,
    )
    assert body["expiresAt"].startswith("2096-")
    assert as_alice.get(COOKIES).json()["results"] == [body]
    assert as_alice.get(f"{COOKIES}{body['id']}/").json() == body
    assert SECRET not in json.dumps(body)
    assert SiteCookies.objects.get().user == alice


def test_what_is_not_kept_is_told(as_alice: Any) -> None:
    old = line(".example.com", "old", expires=LONG_AGO)
    text = file(line(".example.com"), f"example.com\t{SECRET}", old, line(".other.test"))
    answer = as_alice.post(COOKIES, {"text": text, "site": "example.com"})
    assert (answer.status_code, answer.json()["count"]) == (201, 1)
    assert answer.json()["note"] == (
        "Left out because they belong to other sites: 1. Left out because they have expired: 1. "
        "Line 4 is not a cookie: it has 2 fields instead of seven."
    )
    assert as_alice.get(COOKIES).json()["results"][0]["note"] is None


def test_again_is_instead(as_alice: Any) -> None:
    first = as_alice.post(COOKIES, {"text": TEXT})
    second = as_alice.post(COOKIES, {"text": file(line("example.com")), "site": "example.com"})
    assert (second.status_code, second.json()["id"]) == (200, first.json()["id"])
    assert second.json()["count"] == 1


def test_what_has_run_out_is_told_at_once(as_alice: Any) -> None:
    text = file(line(".example.com", "sid", expires=LONG_AGO), line(".example.com", "theme"))
    body = as_alice.post(COOKIES, {"text": text}).json()
    assert body["health"] == "expired"
    assert "add its cookies again" in body["advice"]


def test_deleted(as_alice: Any, alice: Any) -> None:
    row = keep(alice)
    assert as_alice.delete(f"{COOKIES}{row.pk}/").status_code == 204
    assert not SiteCookies.objects.exists()
    assert code(as_alice.delete(f"{COOKIES}{row.pk}/")) == (404, "not_found")


def test_a_strangers_are_not_there(as_bob: Any, alice: Any) -> None:
    row = keep(alice)
    for pk in (row.pk, UNKNOWN_ID):
        assert code(as_bob.get(f"{COOKIES}{pk}/")) == (404, "not_found")
        assert code(as_bob.delete(f"{COOKIES}{pk}/")) == (404, "not_found")
    assert as_bob.get(COOKIES).json()["results"] == []
    assert SiteCookies.objects.exists()


def test_only_signed_in(anyone: Any) -> None:
    assert anyone.get(COOKIES).status_code == 401
    assert anyone.post(COOKIES, {"text": TEXT}).status_code == 401


BAD: list[tuple[Any, str, str]] = [
    ({}, "text", "required"),
    ({"text": ""}, "text", "min_length"),
    ({"text": 5}, "text", "invalid"),
    ({"text": "hello"}, "text", "invalid_cookies"),
    ({"text": f"{SECRET}\tx\n"}, "text", "invalid_cookies"),
    ({"text": TEXT, "site": "other.test"}, "text", "invalid_cookies"),
    ({"text": file(line(".a.test"), line(".b.test"))}, "text", "invalid_cookies"),
    ({"text": "sid=1"}, "site", "invalid_cookies"),
    ({"text": TEXT, "site": "com"}, "site", "invalid_cookies"),
    ({"text": TEXT + "\0"}, "text", "null_characters_not_allowed"),
    ({"text": "x" * 300_000}, "text", "invalid_cookies"),
    ({"text": TEXT, "user": 1}, "user", "unknown_field"),
]


@pytest.mark.parametrize(("body", "attr", "wanted"), BAD, ids=lambda value: str(value)[:30])
def test_what_is_refused(as_alice: Any, body: Any, attr: str, wanted: str) -> None:
    response = as_alice.post(COOKIES, body)
    error = first_error(response)
    assert (response.status_code, error["attr"], error["code"]) == (400, attr, wanted)
    assert SECRET not in error["detail"]
    assert not SiteCookies.objects.exists()
