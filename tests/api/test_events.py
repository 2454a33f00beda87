"""GET downloads/{id}/events/: the timeline."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client

from downloads import services
from downloads.api import pagination
from downloads.models import Download, Rendition, Transition
from tests.api.arrange import address, code, make_completed, make_failed
from tests.support.ledger import ask


def events(client: Any, download: Download) -> list[dict[str, Any]]:
    response = client.get(address(download, "events"))
    assert response.status_code == 200
    assert set(response.json()) == {"next", "previous", "results"}
    return response.json()["results"]


def test_own_marks_and_the_renditions_moves_by_time(
    as_alice: Any, alice: Any, download: Download
) -> None:
    services.pause(alice, download.pk)
    services.resume(alice, download.pk)
    make_failed(download)
    services.retry(alice, download.pk)
    make_completed(download)
    told = events(as_alice, download)
    names = [event["event"] for event in told]
    order = ["requested", "paused", "resumed", "started", "failed", "retried", "stored"]
    assert [name for name in dict.fromkeys(names) if name in order] == order
    times = [datetime.fromisoformat(event["at"]) for event in told]
    assert times == sorted(times)
    failed = next(event for event in told if event["event"] == "failed")
    assert (failed["fromStatus"], failed["toStatus"]) == ("running", "failed")
    assert failed["errorCode"] == "unavailable"


def test_workers_are_for_staff(as_alice: Any, as_charlie: Any, alice: Any, charlie: Any) -> None:
    own, charlies = ask(alice, "https://media.example/1"), ask(charlie, "https://media.example/1")
    assert own.rendition_id == charlies.rendition_id
    make_completed(own)
    assert {event["worker"] for event in events(as_alice, own)} == {None}
    assert any(event["worker"] for event in events(as_charlie, charlies))


def test_other_users_marks_are_not_in_it(as_alice: Any, alice: Any, bob: Any) -> None:
    own, bobs = ask(alice, "https://media.example/1"), ask(bob, "https://media.example/1")
    services.pause(bob, bobs.pk)
    assert [event["event"] for event in events(as_alice, own)].count("requested") == 1
    assert "paused" not in [event["event"] for event in events(as_alice, own)]


def test_pages(as_alice: Any, download: Download, monkeypatch: pytest.MonkeyPatch) -> None:
    make_completed(download)
    whole = events(as_alice, download)
    monkeypatch.setattr(pagination.ByTime, "page_size", 1)
    at, one_by_one = address(download, "events"), []
    while at:
        body = as_alice.get(at).json()
        one_by_one += body["results"]
        at = body["next"]
    assert one_by_one == whole
    assert len(whole) > 2


def test_a_stranger_finds_nothing(as_bob: Any, as_charlie: Any, download: Download) -> None:
    assert code(as_bob.get(address(download, "events"))) == (404, "not_found")
    assert code(as_charlie.get(address(download, "events"))) == (404, "not_found")


def test_nothing_is_older_than_ones_own_request(as_bob: Any, alice: Any, bob: Any) -> None:
    """Else it would tell that another user had it, and when."""
    first = ask(alice, "https://media.example/1")
    make_completed(first)
    Transition.objects.update(at=Now() - timedelta(hours=5))
    Rendition.objects.update(
        started_at=Now() - timedelta(hours=5), stored_at=Now() - timedelta(hours=5)
    )
    own = ask(bob, "https://media.example/1")
    assert own.rendition_id == first.rendition_id
    assert {event["event"] for event in events(as_bob, own)} <= {"requested", "joined"}
    seen = as_bob.get(address(own)).json()
    assert seen["startedAt"] >= seen["createdAt"]
    assert seen["completedAt"] >= seen["createdAt"]
    browser = Client()
    browser.force_login(bob)
    page = browser.get(f"/downloads/{own.pk}/").content.decode()
    assert "5 hours ago" not in page
    assert "Stored" not in page.split("Timeline")[-1]
