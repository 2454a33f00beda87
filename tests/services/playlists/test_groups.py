"""``groups/``: one parent, one bar, one button for all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from downloads import services
from downloads.models import Download, DownloadGroup, Rendition
from tests.api.arrange import UNKNOWN_ID, bring_to, code, make_failed
from tests.services.playlists.arrange import GROUPS, keys, pasted
from tests.support.ledger import ask


@pytest.fixture
def group(alice: Any) -> DownloadGroup:
    """Of five, all queued."""
    content = pasted(alice, 5)
    chosen = services.request_entries(alice, content, keys(content))
    assert chosen.group is not None
    return chosen.group


def of(group: DownloadGroup, verb: str = "") -> str:
    return f"{GROUPS}{group.pk}/{verb}/" if verb else f"{GROUPS}{group.pk}/"


def act(client: Any, group: DownloadGroup, action: str) -> Any:
    return client.post(of(group, "actions"), {"action": action}, format="json")


def members(group: DownloadGroup) -> list[Any]:
    return list(Download.objects.filter(group=group).with_status().order_by("created_at", "id"))


def test_the_list(as_alice: Any, group: DownloadGroup) -> None:
    body = as_alice.get(GROUPS).json()
    assert set(body) == {"next", "previous", "results"}
    assert body["results"] == [as_alice.get(of(group)).json()]
    (shown,) = body["results"]
    names = """id contentId title createdAt status progress bytesDone bytesTotal
    bytesTotalIsEstimate speed eta total counts labels"""
    assert set(shown) == set(names.split())


@contextmanager
def emptied_before_its_progress_is_read(group: DownloadGroup) -> Iterator[None]:
    """Another request deletes the downloads between two queries of this one."""

    def empty(execute: Any, sql: str, *more: Any) -> Any:
        if "bytes_wanted" in sql and Download.objects.filter(group=group).exists():
            Download.objects.filter(group=group).delete()
        return execute(sql, *more)

    with connection.execute_wrapper(empty):
        yield


def test_one_that_is_emptied_meanwhile_is_not_there(as_alice: Any, group: DownloadGroup) -> None:
    with emptied_before_its_progress_is_read(group):
        assert code(as_alice.get(of(group))) == (404, "not_found")


def test_the_page_of_one_that_is_emptied_meanwhile(
    client: Any, alice: Any, group: DownloadGroup
) -> None:
    client.force_login(alice)
    with emptied_before_its_progress_is_read(group):
        assert client.get("/").status_code == 200


def test_its_downloads_by_the_filter(as_alice: Any, group: DownloadGroup, alice: Any) -> None:
    ask(alice)
    found = as_alice.get(f"/api/v1/downloads/?group={group.pk}").json()["results"]
    assert {one["id"] for one in found} == {str(one.pk) for one in members(group)}
    none = as_alice.get(f"/api/v1/downloads/?group={group.pk}&tab=completed").json()["results"]
    assert none == []
    assert code(as_alice.get("/api/v1/downloads/?group=x")) == (400, "invalid")


def test_the_bar_is_by_bytes(as_alice: Any, group: DownloadGroup) -> None:
    bring_to(members(group)[0], "completed")  # ten bytes
    Rendition.objects.filter(pk=members(group)[1].rendition_id).update(
        bytes_done=15, bytes_total=30, progress=50
    )
    body = as_alice.get(of(group)).json()
    # 10 + 15 of 10 + 30 and three times their mean
    assert (body["progress"], body["bytesDone"]) == (25.0, 25)
    assert (body["bytesTotal"], body["bytesTotalIsEstimate"]) == (100, True)
    assert body["counts"] == {"completed": 1, "queued": 4}


def test_pause_resume_cancel_all(as_alice: Any, group: DownloadGroup) -> None:
    bring_to(members(group)[0], "completed")
    for action, status in (("pause", "paused"), ("resume", "queued"), ("cancel", "cancelled")):
        for times in (4, 0):
            response = act(as_alice, group, action)
            assert response.status_code == 200
            assert len(response.json()["results"]) == times
        assert response.json()["group"]["counts"] == {"completed": 1, status: 4}


def test_retry_is_for_what_failed(as_alice: Any, group: DownloadGroup, alice: Any) -> None:
    make_failed(members(group)[0])
    services.cancel(alice, members(group)[4].pk)
    response = act(as_alice, group, "retry")
    assert [one["download"]["status"] for one in response.json()["results"]] == ["queued"]
    assert response.json()["group"]["counts"] == {"queued": 4, "cancelled": 1}


def test_what_cannot_be_retried_says_why(as_alice: Any, group: DownloadGroup, alice: Any) -> None:
    make_failed(members(group)[0])
    type(alice).objects.filter(pk=alice.pk).update(storage_quota=0)
    (result,) = act(as_alice, group, "retry").json()["results"]
    assert (result["download"], result["error"]["code"]) == (None, "quota_exceeded")


def test_delete_ends_all_of_it(as_alice: Any, group: DownloadGroup, alice: Any) -> None:
    other = ask(alice)
    assert as_alice.delete(of(group)).status_code == 204
    assert list(Download.objects.all()) == [other]
    assert not DownloadGroup.objects.exists()
    assert code(as_alice.delete(of(group))) == (404, "not_found")


def test_an_empty_one_is_gone(as_alice: Any, group: DownloadGroup, alice: Any) -> None:
    for member in members(group):
        services.delete(alice, member.pk)
    assert as_alice.get(GROUPS).json()["results"] == []
    assert code(as_alice.get(of(group))) == (404, "not_found")


def test_bob_sees_nothing_of_alices(as_bob: Any, group: DownloadGroup) -> None:
    assert as_bob.get(GROUPS).json()["results"] == []
    for address in (of(group), f"{GROUPS}{UNKNOWN_ID}/"):
        assert code(as_bob.get(address)) == (404, "not_found")
        assert code(as_bob.delete(address)) == (404, "not_found")
        body = {"action": "cancel"}
        assert code(as_bob.post(f"{address}actions/", body, format="json")) == (404, "not_found")
    assert as_bob.get(f"/api/v1/downloads/?group={group.pk}").json()["results"] == []
    assert [one.status for one in members(group)] == ["queued"] * 5


def test_bad_action(as_alice: Any, group: DownloadGroup) -> None:
    assert code(act(as_alice, group, "delete")) == (400, "invalid_choice")


def test_many_groups_are_a_few_queries(
    as_alice: Any, alice: Any, django_assert_max_num_queries: Any
) -> None:
    for _ in range(4):
        content = pasted(alice, 3)
        services.request_entries(alice, content, keys(content))
    with django_assert_max_num_queries(8):
        assert len(as_alice.get(GROUPS).json()["results"]) == 1
