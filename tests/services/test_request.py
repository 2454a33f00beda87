"""Asking: one fetch for many, one download for one."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now

from downloads import services
from downloads.engine.core.errors import QuotaExceeded, UnsupportedURL
from downloads.engine.core.media import Quality
from downloads.models import Content, Download, Rendition
from tests.support.ledger import again, ask, claim_by, failed, person, status, stored, url, worker
from tests.support.statements import statements

pytestmark = pytest.mark.django_db


def test_two_users_share_one_rendition() -> None:
    at = url()
    first, second = ask(person("alice"), at), ask(person("bob"), at)
    assert first.pk != second.pk
    assert first.rendition_id == second.rendition_id


def test_the_same_wish_again_is_the_standing_download() -> None:
    alice, at = person("alice"), url()
    first = services.request(alice, url=at)
    second = services.request(alice, url=at.upper().replace("MP4", "mp4").replace("HTTPS", "https"))
    assert first.created
    assert not second.created
    assert first.download.pk == second.download.pk


def test_another_quality_is_another_download() -> None:
    alice, at = person("alice"), url()
    first, second = ask(alice, at), ask(alice, at, Quality.P720)
    assert first.pk != second.pk
    assert first.rendition_id != second.rendition_id


def test_a_new_link_costs_few_statements() -> None:
    alice = person("alice")
    ask(alice)  # pays for what is read once in a process
    with statements() as seen:
        ask(alice)
    assert len(seen) <= 23, "\n".join(seen)


def test_urls_that_differ_only_in_spelling_are_one_content() -> None:
    alice = person("alice")
    ask(alice, "https://media.example/a.mp4")
    ask(alice, "HTTPS://MEDIA.example:443/a.mp4#t=10")
    assert Content.objects.count() == 1
    assert Download.objects.count() == 1


def test_what_is_stored_is_completed_at_once() -> None:
    at = url()
    ask(person("alice"), at)
    stored(claim_by(worker()))
    assert ask(person("bob"), at).status == "completed"  # type: ignore[attr-defined]


def test_what_was_stored_long_ago_is_asked_for_again() -> None:
    at = url()
    first = ask(person("alice"), at)
    stored(claim_by(worker()))
    Rendition.objects.update(verified_at=Now() - timedelta(hours=2))
    second = ask(person("bob"), at)
    assert second.rendition_id != first.rendition_id
    assert status(second) == "queued"


def test_a_failed_rendition_is_queued_again_by_the_next_who_asks() -> None:
    at = url()
    first = ask(person("alice"), at)
    failed(claim_by(worker()))
    second = ask(person("bob"), at)
    assert second.rendition_id == first.rendition_id
    assert (status(first), status(second)) == ("failed", "queued")


def test_an_expired_download_does_not_stand_in_the_way() -> None:
    alice, at = person("alice"), url()
    first = ask(alice, at)
    Download.objects.update(expires_at=Now() - timedelta(seconds=1))
    second = services.request(alice, url=at)
    assert second.created
    assert second.download.pk != first.pk
    assert status(first) == "expired"


def test_requests_that_race_make_one_download(transactional_db: None) -> None:
    alice, at = person("alice"), url()
    barrier = threading.Barrier(8)

    def race(_: int) -> services.RequestResult:
        try:
            barrier.wait()
            return services.request(alice, url=at)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(race, range(8)))
    assert len({answer.download.pk for answer in answers}) == 1
    assert sum(answer.created for answer in answers) == 1
    assert (Download.objects.count(), Rendition.objects.count()) == (1, 1)


@pytest.mark.parametrize("bad", ["nonsense text", "ftp://a.example/x", "file:///etc/passwd", ""])
def test_what_is_no_url_is_refused_with_a_sentence(bad: str) -> None:
    with pytest.raises(UnsupportedURL) as refused:
        services.request(person("alice"), url=bad)
    assert refused.value.message
    assert not Content.objects.exists()


def test_a_full_quota_refuses(settings: Any) -> None:
    alice = person("alice", storage_quota=1000)
    ask(alice)
    stored(claim_by(worker()), size=1000)
    with pytest.raises(QuotaExceeded):
        ask(alice)
    assert ask(person("bob")).pk


def test_expiry_is_counted_from_now_and_has_a_default(settings: Any) -> None:
    alice = person("alice")
    assert ask(alice).expires_at is None
    settings.DEFAULT_EXPIRES_IN_DAYS = 7
    download = ask(alice)
    assert download.expires_at is not None
    assert timedelta(days=6.9) < download.expires_at - download.created_at < timedelta(days=7.1)
    assert ask(alice, expires_in_days=1).expires_at < download.expires_at  # type: ignore[operator]


def test_pasted_content_is_seen_by_its_requesters_only() -> None:
    alice, bob = person("alice"), person("bob")
    content, _ = services.add_content(alice, url(), title="Mine")
    assert services.content_visible_to(alice, content.pk).shown_title == "Mine"  # type: ignore[attr-defined]
    with pytest.raises(Content.DoesNotExist):
        services.content_visible_to(bob, content.pk)
    services.add_content(bob, content.source_url)
    assert services.content_visible_to(bob, content.pk).shown_title == ""  # type: ignore[attr-defined]
    Content.objects.update(in_catalogue=True)
    assert services.content_visible_to(person("charlie"), content.pk)


def test_the_timeline_begins_with_the_request() -> None:
    download = ask(person("alice"))
    line = download.transitions.get()
    assert (line.event, line.to_status) == ("requested", "queued")


def test_the_queue_position_counts_those_ahead() -> None:
    alice = person("alice")
    first, second = ask(alice), ask(alice)
    assert (again(first).queue_position, again(second).queue_position) == (1, 2)
    claim_by(worker())
    assert (again(first).queue_position, again(second).queue_position) == (None, 1)
