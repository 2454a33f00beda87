"""One content, however it is linked and requested, is fetched once; never across owners."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from downloads.engine.core.cancellation import StopToken
from downloads.engine.resolver import registry
from downloads.engine.resolver.base import Resolution
from downloads.jobs import runner
from downloads.models import Content, Rendition
from tests.support.content import MIB, content
from tests.support.ledger import again, ask, claim_by, person, worker
from tests.support.origin import Origin

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def one_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    """A site's extractor: both links lead to the video of this id."""
    resolve = registry.resolve

    def named(*arguments: Any, **named: Any) -> Resolution:
        found = resolve(*arguments, **named)
        return replace(found, source=replace(found.source, identity="site:1"))

    monkeypatch.setattr(registry, "resolve", named)


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
