"""``content/{id}/entries/`` and ``more/``: look into a playlist, read on in it."""

from __future__ import annotations

from typing import Any

from downloads import conf
from downloads.jobs.keep_listing import keep_listing
from downloads.models import Content, Playlist
from tests.api.arrange import UNKNOWN_ID, code
from tests.services.playlists.arrange import CONTENT, at, listing, pasted
from tests.support.ledger import ask


def test_the_content_says_what_it_is(as_alice: Any, alice: Any) -> None:
    body = as_alice.get(at(pasted(alice, 3, more=True, total=57))).json()
    assert (body["kind"], body["title"], body["qualities"]) == ("playlist", "A course", [])
    assert (body["entryCount"], body["entryTotal"], body["hasMore"]) == (3, 57, True)
    single = as_alice.post(CONTENT, {"url": "https://course.example/one.mp4"}).json()
    assert (single["kind"], single["entryCount"], single["hasMore"]) == ("single", None, False)


def test_every_name(as_alice: Any, playlist: Content) -> None:
    (first, *_) = as_alice.get(at(playlist, "entries")).json()["results"]
    names = "id position url title duration thumbnailUrl downloadId"
    assert set(first) == set(names.split())
    assert (first["position"], first["title"], first["duration"]) == (1, "Part 1", 61.0)


def test_two_hundred_a_page(as_alice: Any, alice: Any) -> None:
    content = pasted(alice, conf.PLAYLIST_PAGE + 5)
    first = as_alice.get(at(content, "entries")).json()
    second = as_alice.get(first["next"]).json()
    assert (len(first["results"]), len(second["results"])) == (conf.PLAYLIST_PAGE, 5)
    assert [one["position"] for one in second["results"]] == [201, 202, 203, 204, 205]
    assert second["next"] is None
    back = as_alice.get(second["previous"]).json()
    assert back["results"] == first["results"]
    assert code(as_alice.get(f"{at(content, 'entries')}?cursor=cD1ub3BlCg==")) == (
        400,
        "invalid_cursor",
    )


def test_what_the_user_has_is_marked(
    as_alice: Any, playlist: Content, alice: Any, bob: Any
) -> None:
    own = ask(alice, "https://course.example/2.mp4")
    ask(bob, "https://course.example/3.mp4")
    found = as_alice.get(at(playlist, "entries")).json()["results"]
    assert [one["downloadId"] for one in found] == [None, str(own.pk), None, None, None]


def test_more_asks_the_worker_once(as_alice: Any, alice: Any) -> None:
    content = pasted(alice, 3, more=True, total=5)
    for _ in range(2):
        response = as_alice.post(at(content, "more"))
        assert (response.status_code, response.json()["probeStatus"]) == (200, "pending")
        assert Playlist.objects.get(content=content).wanted == 3 + conf.PLAYLIST_PAGE
    keep_listing(content.pk, listing(2, start=3))
    body = as_alice.post(at(content, "more")).json()
    assert (body["probeStatus"], body["entryCount"], body["hasMore"]) == ("ready", 5, False)


def test_more_after_a_failure_tries_again(as_alice: Any, alice: Any) -> None:
    content = pasted(alice, 3, more=True)
    as_alice.post(at(content, "more"))
    failed = {"probe_status": "failed", "probe_error": "It is away.", "probe_error_code": "network"}
    Content.objects.filter(pk=content.pk).update(**failed)
    assert len(as_alice.get(at(content, "entries")).json()["results"]) == 3
    body = as_alice.post(at(content, "more")).json()
    assert (body["probeStatus"], body["error"]) == ("pending", None)


def test_a_single_item_has_none(as_alice: Any, alice: Any) -> None:
    single = ask(alice).content
    assert code(as_alice.get(at(single, "entries"))) == (409, "invalid_state")
    assert code(as_alice.post(at(single, "more"))) == (409, "invalid_state")
    assert code(as_alice.post(at(single, "downloads"), {"all": True})) == (409, "invalid_state")


def test_bob_sees_nothing_of_alices(as_bob: Any, playlist: Content) -> None:
    for verb, method in (("entries", "get"), ("more", "post"), ("downloads", "post")):
        call = getattr(as_bob, method)
        body = {"all": True} if verb == "downloads" else {}
        assert code(call(at(playlist, verb), body)) == (404, "not_found")
        assert code(call(f"{CONTENT}{UNKNOWN_ID}/{verb}/", body)) == (404, "not_found")
