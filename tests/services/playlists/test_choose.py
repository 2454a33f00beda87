"""``content/{id}/downloads/``: what is chosen becomes downloads under one parent."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from downloads import conf, services
from downloads.jobs import prober
from downloads.models import Content, Download, DownloadGroup, PlaylistEntry
from tests.api.arrange import UNKNOWN_ID, bring_to, code, first_error
from tests.services.playlists.arrange import at, entry, ids, pasted
from tests.support.ledger import ask, claim_by, person, stored, worker
from tests.support.redis_server import RedisServer


def choose(client: Any, content: Content, **fields: Any) -> Any:
    return client.post(at(content, "downloads"), fields, format="json")


def test_the_chosen_become_downloads_of_one_group(as_alice: Any, playlist: Content) -> None:
    response = choose(as_alice, playlist, entries=ids(playlist, 3), quality="720p")
    body = response.json()
    assert response.status_code == 201
    group = body["group"]
    assert (group["title"], group["contentId"]) == ("A course", str(playlist.pk))
    assert (group["total"], group["counts"], group["status"]) == (3, {"queued": 3}, "queued")
    assert [one["entryId"] for one in body["results"]] == ids(playlist, 3)
    for one in body["results"]:
        assert (one["created"], one["error"]) == (True, None)
        assert one["download"]["quality"] == "720p"
        assert one["download"]["groupId"] == group["id"]
    assert [one["download"]["title"] for one in body["results"]] == ["Part 1", "Part 2", "Part 3"]


def test_all_of_them(as_alice: Any, playlist: Content) -> None:
    assert len(choose(as_alice, playlist, all=True).json()["results"]) == 5


def test_all_of_more_than_fit_is_refused(
    as_alice: Any, alice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conf, "MAX_ACTIONS", 3)
    response = choose(as_alice, pasted(alice, 4), all=True)
    assert (response.status_code, first_error(response)["attr"]) == (400, "all")
    assert not Download.objects.exists()


def test_choosing_again_joins_the_same_group(as_alice: Any, playlist: Content) -> None:
    first = choose(as_alice, playlist, entries=ids(playlist, 2)).json()
    second = choose(as_alice, playlist, entries=ids(playlist, 4)).json()
    assert second["group"]["id"] == first["group"]["id"]
    assert [one["created"] for one in second["results"]] == [False, False, True, True]
    again = choose(as_alice, playlist, entries=ids(playlist, 4))
    assert (again.status_code, again.json()["group"]["total"]) == (200, 4)
    assert Download.objects.count() == 4


def test_what_the_user_has_joins_the_group(as_alice: Any, playlist: Content, alice: Any) -> None:
    own = ask(alice, "https://course.example/2.mp4")
    body = choose(as_alice, playlist, entries=ids(playlist, 2)).json()
    assert body["results"][1]["download"]["id"] == str(own.pk)
    assert body["results"][1]["download"]["groupId"] == body["group"]["id"]
    assert body["group"]["total"] == 2


def test_one_that_is_refused_keeps_no_other_back(as_alice: Any, playlist: Content) -> None:
    PlaylistEntry.objects.filter(pk=ids(playlist)[1]).update(url="file:///etc/passwd")
    body = choose(as_alice, playlist, entries=[*ids(playlist, 3), UNKNOWN_ID]).json()
    said = [one["error"] and one["error"]["code"] for one in body["results"]]
    assert said == [None, "unsupported_url", None, "not_found"]
    assert body["group"]["total"] == 2


def test_the_quota_is_respected(as_alice: Any, playlist: Content, alice: Any) -> None:
    bring_to(ask(alice), "completed")
    type(alice).objects.filter(pk=alice.pk).update(storage_quota=1)
    alice.refresh_from_db()
    response = choose(as_alice, playlist, entries=ids(playlist, 2))
    body = response.json()
    assert (response.status_code, body["group"]) == (200, None)
    assert [one["error"]["code"] for one in body["results"]] == ["quota_exceeded"] * 2
    assert not DownloadGroup.objects.exists()


def test_the_same_key_gives_the_same_answer(as_alice: Any, playlist: Content) -> None:
    key = {"HTTP_IDEMPOTENCY_KEY": "k-1"}
    fields = {"entries": ids(playlist, 2)}
    first = as_alice.post(at(playlist, "downloads"), fields, format="json", **key)
    again = as_alice.post(at(playlist, "downloads"), fields, format="json", **key)
    assert (again.status_code, again.json()) == (201, first.json())
    other = as_alice.post(at(playlist, "downloads"), {"all": True}, format="json", **key)
    assert code(other) == (422, "idempotency_key_reused")


@pytest.mark.parametrize(
    ("body", "attr", "wanted"),
    [
        ({}, None, "required"),
        ({"entries": [], "quality": "auto"}, "entries", "min_length"),
        ({"entries": [UNKNOWN_ID] * 201}, "entries", "max_length"),
        ({"entries": ["x"]}, "entries.0", "invalid"),
        ({"entries": [UNKNOWN_ID], "all": True}, None, "invalid"),
        ({"all": True, "quality": "9p"}, "quality", "invalid_choice"),
        ({"all": True, "name": 1}, "name", "unknown_field"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_bad_input(as_alice: Any, playlist: Content, body: Any, attr: str, wanted: str) -> None:
    response = choose(as_alice, playlist, **body)
    error = first_error(response)
    assert (response.status_code, error["attr"], error["code"]) == (400, attr, wanted)


def test_alices_choice_is_hers_alone(
    as_alice: Any, playlist: Content, as_bob: Any, bob: Any
) -> None:
    services.add_content(bob, playlist.source_url)
    choose(as_alice, playlist, entries=ids(playlist, 2))
    found = as_bob.get(at(playlist, "entries")).json()["results"]
    assert [one["downloadId"] for one in found] == [None] * 5
    group = choose(as_bob, playlist, entries=ids(playlist, 1)).json()["group"]
    assert group["total"] == 1
    assert DownloadGroup.objects.count() == 2


def test_the_chosen_are_not_probed_on_top(as_alice: Any, playlist: Content, alice: Any) -> None:
    choose(as_alice, playlist, all=True)
    Content.objects.filter(kind="single").update(created_at="2020-01-01T00:00Z")
    conf_after = conf.PROBE_AFTER
    try:
        conf.PROBE_AFTER = conf_after * 0
        assert not prober.waiting().exists()
        services.add_content(alice, "https://course.example/2.mp4")
        assert prober.waiting().count() == 1, "pasted: it is looked at"
    finally:
        conf.PROBE_AFTER = conf_after


def test_each_costs_a_bounded_number_of_queries(
    as_alice: Any, playlist: Content, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(40 * 5):
        choose(as_alice, playlist, all=True)


@pytest.mark.slow
def test_many_take_no_more_queries_than_few(as_alice: Any, alice: Any) -> None:
    """200 at once: one lock, and no query for each."""
    asked = []
    for count, quality in ((20, "480p"), (200, "720p")):
        content = pasted(alice, count)
        with CaptureQueriesContext(connection) as queries:
            response = choose(as_alice, content, all=True, quality=quality)
        assert sum(one["created"] for one in response.json()["results"]) == count
        asked.append(len(queries))
    few, many = asked
    assert many - few < 30, "only what is written in batches may grow"
    assert many < 100


def test_they_keep_their_order_in_the_queue(as_alice: Any, playlist: Content) -> None:
    body = choose(as_alice, playlist, all=True).json()
    assert [one["download"]["queuePosition"] for one in body["results"]] == [1, 2, 3, 4, 5]


@pytest.mark.django_db(transaction=True)
def test_they_wake_the_workers_once(
    as_alice: Any, playlist: Content, redis_server: RedisServer
) -> None:
    redis_server.client().flushall()
    choose(as_alice, playlist, all=True)
    assert redis_server.client().llen("ferry") == 1


def test_a_quota_leaves_room_for_what_fits(as_alice: Any, alice: Any, playlist: Content) -> None:
    """A stored file counts against the quota at once, another once its size is known."""
    other = person("carol")
    ask(other, entry(2).url)
    stored(claim_by(worker()), size=1000)
    type(alice).objects.filter(pk=alice.pk).update(storage_quota=900)
    results = choose(as_alice, playlist, entries=ids(playlist, 4)).json()["results"]
    assert [one["download"] is not None for one in results] == [True, True, False, False]
    assert [one["error"] and one["error"]["code"] for one in results[2:]] == ["quota_exceeded"] * 2
