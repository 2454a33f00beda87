"""content/: the catalogue for everyone, what was pasted for who pasted it."""

from __future__ import annotations

from typing import Any

import pytest

from downloads.engine.resolver.naming import provisional_title
from downloads.models import Content
from tests.api.arrange import CONTENT, UNKNOWN_ID, code, first_error
from tests.support.ledger import url


def ids(response: Any) -> list[str]:
    assert response.status_code == 200
    assert set(response.json()) == {"next", "previous", "results"}
    return [row["id"] for row in response.json()["results"]]


@pytest.fixture
def catalogue_item(db: None) -> Content:
    return Content.objects.create(
        source_url="https://media.example/sample.mp4",
        url_key="sample",
        title="Sample clip",
        in_catalogue=True,
        probe_status="ready",
        qualities=[{"quality": "720p", "height": 720, "ext": "mp4", "size": 5}],
    )


def test_add(as_alice: Any) -> None:
    at = url()
    response = as_alice.post(CONTENT, {"url": at, "title": "  Holidays "})
    assert response.status_code == 201
    body = response.json()
    assert (body["sourceUrl"], body["title"]) == (at, "Holidays")
    assert (body["probeStatus"], body["qualities"], body["error"]) == ("pending", [], None)
    again = as_alice.post(CONTENT, {"url": at})
    assert (again.status_code, again.json()) == (200, body)
    assert as_alice.get(f"{CONTENT}{body['id']}/").json() == body


def test_a_title_cannot_turn_the_text_around_it(as_alice: Any) -> None:
    body = as_alice.post(CONTENT, {"url": url(), "title": "photo\u202egpj.exe\u2066\n"}).json()
    assert body["title"] == "photogpj.exe"


def test_every_name_of_the_contract(as_alice: Any, catalogue_item: Content) -> None:
    body = as_alice.get(f"{CONTENT}{catalogue_item.pk}/").json()
    names = """id kind title sourceUrl thumbnailUrl duration probeStatus error errorCode qualities
    subtitles languages entryCount entryTotal hasMore labels"""
    assert set(body) == set(names.split())
    names = "quality height width fps ext videoCodec audioCodec size sizeIsEstimate"
    names += " sizeLabel codecLabel"
    assert set(body["qualities"][0]) == set(names.split())


def test_who_sees_what(as_alice: Any, as_bob: Any, catalogue_item: Content) -> None:
    own = as_alice.post(CONTENT, {"url": url()}).json()["id"]
    assert ids(as_alice.get(CONTENT)) == [own, str(catalogue_item.pk)]
    assert ids(as_bob.get(CONTENT)) == [str(catalogue_item.pk)]
    assert code(as_bob.get(f"{CONTENT}{own}/")) == (404, "not_found")
    assert code(as_bob.get(f"{CONTENT}{UNKNOWN_ID}/")) == (404, "not_found")


def test_a_title_is_the_users_own(as_alice: Any, as_bob: Any) -> None:
    at = url()
    as_alice.post(CONTENT, {"url": at, "title": "Secret plan"})
    body = as_bob.post(CONTENT, {"url": at}).json()
    assert body["title"] == provisional_title(at)
    assert as_bob.get(f"{CONTENT}?search=secret").json()["results"] == []


def test_search(as_alice: Any, catalogue_item: Content) -> None:
    own = as_alice.post(CONTENT, {"url": url("cats.example"), "title": "Cats"}).json()["id"]
    assert ids(as_alice.get(f"{CONTENT}?search=cats")) == [own]
    assert ids(as_alice.get(f"{CONTENT}?search=clip+sample")) == [str(catalogue_item.pk)]
    assert ids(as_alice.get(f"{CONTENT}?search=dogs")) == []


@pytest.mark.parametrize(
    ("body", "attr", "wanted"),
    [
        ({}, "url", "required"),
        ({"url": "not a url"}, "url", "unsupported_url"),
        ({"url": "file:///etc/passwd"}, "url", "unsupported_url"),
        ({"url": url(), "title": "x" * 501}, "title", "max_length"),
        ({"url": url(), "title": None}, "title", "invalid"),
        ({"url": url(), "title": "\0"}, "title", "null_characters_not_allowed"),
        ({"url": url(), "name": "x"}, "name", "unknown_field"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_bad_input(as_alice: Any, body: Any, attr: str, wanted: str) -> None:
    response = as_alice.post(CONTENT, body, format="json")
    error = first_error(response)
    assert (response.status_code, error["attr"], error["code"]) == (400, attr, wanted)
