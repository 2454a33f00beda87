"""Many at once: as each by itself, in one transaction and a fixed number of queries."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from downloads import services
from downloads.jobs.leftovers import sweep_host
from downloads.jobs.release import sweep_left_behind
from downloads.models import Download, Rendition, Transition, WebhookDelivery
from downloads.storage.storage import part_dir
from tests.api.arrange import UNKNOWN_ID, address, bring_to, first_error
from tests.api.test_actions import act
from tests.support.ledger import ask, claim_by, settle, status, url, worker
from tests.webhooks.arrange import hook

LATER = timezone.now() + timedelta(hours=1)
DONE = {"cancel": "cancelled", "pause": "paused"}


def test_it_costs_as_many_queries_for_many_as_for_few(as_alice: Any, alice: Any) -> None:
    hook(alice)

    def counted(number: int) -> int:
        ids = [ask(alice).pk for _ in range(number)]
        with CaptureQueriesContext(connection) as queries:
            assert [one["error"] for one in act(as_alice, "delete", *ids)] == [None] * number
        return len(queries)

    assert counted(30) == counted(3)
    assert not Download.objects.exists()
    told = WebhookDelivery.objects.filter(type="download:deleted")
    assert told.count() == 33


@pytest.mark.parametrize("action", ["cancel", "pause"])
def test_so_do_cancel_and_pause(as_alice: Any, alice: Any, action: str) -> None:
    hook(alice)

    def counted(number: int) -> int:
        own = [ask(alice) for _ in range(number)]
        with CaptureQueriesContext(connection) as queries:
            results = act(as_alice, action, *(one.pk for one in own))
        assert [one["error"] for one in results] == [None] * number
        assert {one["download"]["status"] for one in results} == {DONE[action]}
        assert {one.rendition.status for one in Download.objects.all()} == {"idle"}
        return len(queries)

    assert counted(30) == counted(3)
    told = WebhookDelivery.objects.filter(type=f"download:{DONE[action]}")
    assert told.count() == 33


@pytest.mark.parametrize("action", ["cancel", "pause"])
@pytest.mark.parametrize(
    "state", ["queued", "running", "paused", "cancelled", "completed", "failed", "expired"]
)
def test_it_is_as_one_by_one(
    as_alice: Any, as_bob: Any, alice: Any, bob: Any, state: str, action: str
) -> None:
    mine, bobs = ask(alice), ask(bob)
    if state == "queued":
        bring_to(mine, state)
    else:
        Rendition.objects.filter(pk=bobs.rendition_id).update(next_attempt_at=LATER)
        settle()
        bring_to(mine, state)
        Rendition.objects.filter(pk=bobs.rendition_id).update(next_attempt_at=Now())
        settle()
        bring_to(bobs, state)
    (many,) = act(as_alice, action, mine.pk)
    one = as_bob.post(address(bobs, action))
    assert (many["error"] is None) == (one.status_code == 200)
    if many["error"]:
        assert many["error"] == first_error(one)
    else:
        assert many["download"]["status"] == one.json()["status"]
        assert many["download"]["seq"] == one.json()["seq"]
    assert timeline(mine) == timeline(bobs)


def timeline(download: Download) -> list[str]:
    rows = Transition.objects.filter(download=download).order_by("id")
    return list(rows.values_list("event", flat=True))


def test_each_id_has_its_own_answer(as_alice: Any, alice: Any, bob: Any) -> None:
    mine, bobs = ask(alice), ask(bob)
    results = act(as_alice, "delete", bobs.pk, mine.pk, UNKNOWN_ID)
    codes = [one["error"] and one["error"]["code"] for one in results]
    assert codes == ["not_found", None, "not_found"]
    assert [one["download"] for one in results] == [None] * 3
    assert list(Download.objects.all()) == [bobs]


def test_what_is_queued_waits_no_longer(as_alice: Any, alice: Any, bob: Any) -> None:
    shared = url()
    alone, also, paused = ask(alice), ask(alice, shared), ask(alice, url())
    bobs = ask(bob, shared)
    other = ask(bob, paused.content.source_url)
    services.pause(bob, other.pk)
    act(as_alice, "delete", alone.pk, also.pk, paused.pk)
    assert Rendition.objects.get(pk=alone.rendition_id).status == "idle"
    assert Rendition.objects.get(pk=paused.rendition_id).status == "idle", "its holder paused"
    assert Rendition.objects.get(pk=bobs.rendition_id).status == "queued"
    assert (status(bobs), status(other)) == ("queued", "paused")
    assert claim_by(worker()).rendition_id == bobs.rendition_id


def test_files_are_freed_by_the_next_sweep(as_alice: Any, alice: Any, bob: Any) -> None:
    shared = url()
    own, common = ask(alice), ask(alice, shared)
    for download in (own, common):
        bring_to(download, "completed")
    bobs = ask(bob, shared)
    act(as_alice, "delete", own.pk, common.pk)
    sweep_left_behind()
    assert not Rendition.objects.filter(pk=own.rendition_id).exists()
    assert status(bobs) == "completed"
    assert not Transition.objects.filter(rendition=own.rendition_id).exists()


@pytest.mark.parametrize("action", ["cancel", "delete"])
def test_the_parts_of_what_waits_are_freed_too(as_alice: Any, alice: Any, action: str) -> None:
    """A worker that stopped has left them; a pause keeps its own."""
    paused, gone = ask(alice), ask(alice)
    for download in (paused, gone):
        Rendition.objects.filter(pk=download.rendition_id).update(
            bytes_done=5, checkpoint={"streams": []}
        )
        settle()
        part_dir(download.rendition_id).mkdir(parents=True)
        (part_dir(download.rendition_id) / "g1.part").write_bytes(b"whole")
    act(as_alice, "pause", paused.pk)
    act(as_alice, action, gone.pk)
    sweep_host()
    assert not part_dir(gone.rendition_id).exists()
    assert (part_dir(paused.rendition_id) / "g1.part").read_bytes() == b"whole"


@pytest.mark.parametrize("state", ["running", "paused", "failed", "cancelled", "expired"])
def test_from_every_state(as_alice: Any, alice: Any, state: str) -> None:
    one, other = ask(alice), ask(alice)
    for download in (one, other):
        bring_to(download, state)
    assert [each["error"] for each in act(as_alice, "delete", one.pk, other.pk)] == [None, None]
    assert not Download.objects.exists()


def test_a_group_too(as_alice: Any, alice: Any) -> None:
    from tests.services.playlists.arrange import keys, pasted

    def counted(number: int) -> int:
        content = pasted(alice, number)
        group = services.request_entries(alice, content, keys(content)).group
        assert group is not None
        with CaptureQueriesContext(connection) as queries:
            assert as_alice.delete(f"/api/v1/groups/{group.pk}/").status_code == 204
        return len(queries)

    assert counted(20) == counted(2)
    assert not Download.objects.exists()
