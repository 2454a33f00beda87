"""One content, however it is linked and requested, is fetched once; never across owners."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import connection
from django.db.models.functions import Now

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import StopReason
from downloads.engine.core.media import Source
from downloads.engine.resolver import registry
from downloads.engine.resolver.base import UrlProbe
from downloads.engine.resolver.direct import DirectResolver
from downloads.jobs import runner
from downloads.models import Content, Rendition
from downloads.queue.demand import merge
from downloads.queue.transitions import mark
from tests.support.content import MIB, content
from tests.support.ledger import again, ask, claim_by, person, stored, worker
from tests.support.origin import Origin

pytestmark = pytest.mark.django_db(transaction=True)


class OneVideo(DirectResolver):
    """Of a site whose every link leads to the video of one id."""

    def resolve(self, url_probe: UrlProbe) -> Source:
        return replace(super().resolve(url_probe), identity="site:1")


@pytest.fixture
def one_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "RESOLVERS", (OneVideo(),))


def run() -> None:
    runner.run(claim_by(worker()), StopToken())


def test_two_links_to_one_thing_are_fetched_once(origin: Origin, one_identity: None) -> None:
    for path in ("/short", "/watch?v=1"):
        origin.serve(path, content(MIB), last_modified="Sun, 22 Nov 2026 10:00:00 GMT")
    first = ask(person("alice"), origin.url("/short"))
    second = ask(person("bob"), origin.url("/watch?v=1"))
    run()
    run()
    assert again(first).status == again(second).status == "completed"
    assert again(first).rendition_id == again(second).rendition_id
    assert Rendition.objects.count() == 1
    assert origin.sent < 1.9 * MIB


def test_private_content_stays_its_owners(origin: Origin, one_identity: None) -> None:
    for path in ("/short", "/watch?v=1"):
        origin.serve(path, content(MIB), last_modified="Sun, 22 Nov 2026 10:00:00 GMT")
    alice = person("alice")
    first = ask(alice, origin.url("/short"))
    run()
    second = ask(person("bob"), origin.url("/watch?v=1"))
    Content.objects.filter(pk=first.content_id).update(credential_owner=alice)
    Rendition.objects.filter(pk=first.rendition_id).update(credential_owner=alice)
    run()
    assert again(second).status == "completed"
    assert again(first).rendition_id != again(second).rendition_id


def test_long_links_that_begin_alike_are_two_things(origin: Origin) -> None:
    long = "/" + "x" * 600
    asked = []
    for name, seed in (("a", 1), ("b", 2)):
        origin.serve(
            f"{long}/{name}", content(1000, seed), last_modified="Sun, 22 Nov 2026 10:00:00 GMT"
        )
        asked.append(ask(person(name), origin.url(f"{long}/{name}")))
        run()
    first, second = map(again, asked)
    assert first.status == second.status == "completed"
    assert first.rendition_id != second.rendition_id
    assert first.content.identity != second.content.identity


def test_a_mark_of_what_was_merged_meanwhile_is_not_written() -> None:
    alice = person("alice")
    ask(alice, "https://media.example/the-same.mp4")
    same = stored(claim_by(worker()))
    download = ask(alice, "https://media.example/another-link-to-it.mp4")
    seen = again(download)
    merge(Rendition.objects.get(pk=seen.rendition_id), into=same)
    assert not mark(seen, "expired", expired_at=Now())
    assert again(download).status == "completed"


@pytest.mark.parametrize("unwanted", [True, False], ids=["unwanted", "rate limited"])
def test_a_worker_whose_work_another_merged_away_ends_quietly(
    origin: Origin, unwanted: bool
) -> None:
    """It slept past its lease: who took that over found the same bytes, and deleted the row."""
    alice = person("alice")
    ask(alice, "https://media.example/the-same.mp4")
    same = stored(claim_by(worker()))
    file = origin.serve("/a.mp4", content(MIB), answers=[(429, {"Retry-After": "120"})])
    download = ask(alice, origin.url("/a.mp4"))
    lease, stop = claim_by(worker()), StopToken()

    def be_merged(*_: object) -> None:
        merge(Rendition.objects.get(pk=lease.rendition_id), into=same)
        connection.close()
        if unwanted:
            stop.stop(StopReason.UNWANTED)

    file.on_request = be_merged
    runner.run(lease, stop)
    assert again(download).rendition_id == same.pk
    assert again(download).status == "completed"
