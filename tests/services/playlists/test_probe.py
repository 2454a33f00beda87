"""A feed of several files, asked of a real source by the real resolvers, to its downloads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from downloads import services
from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import IS_A_PLAYLIST
from downloads.jobs import prober, runner
from downloads.models import Content, Download, PlaylistEntry
from tests.services.playlists.arrange import keys
from tests.support.content import content
from tests.support.ledger import ask, claim_by, person, worker
from tests.support.streaming.origin import StreamingOrigin

pytestmark = pytest.mark.django_db(transaction=True)

ITEM = "<item><title>{title}</title><enclosure url='{url}' type='video/mp4' length='9'/></item>"


@pytest.fixture
def origin(settings: Any, tmp_path: Path) -> Iterator[StreamingOrigin]:
    settings.FETCH_ALLOWED_NETWORKS = "127.0.0.0/8"
    running = StreamingOrigin(tmp_path)
    yield running
    running.close()


@pytest.fixture
def feed(origin: StreamingOrigin) -> str:
    items = ""
    for name in ("one", "two", "three", "one"):
        origin.serve(f"/{name}.mp4", content(9))
        items += ITEM.format(title=f"Part {name}", url=origin.url(f"/{name}.mp4"))
    body = f"<?xml version='1.0'?><rss version='2.0'><channel><title>A podcast</title>{items}"
    origin.serve("/feed.html", f"{body}</channel></rss>".encode())
    return origin.url("/feed.html")


def test_a_feed_becomes_a_listing_and_its_entries_downloads(
    origin: StreamingOrigin, feed: str
) -> None:
    alice = person("alice")
    asked, _ = services.add_content(alice, feed)
    assert prober.probe_one()
    found = Content.objects.get(pk=asked.pk)
    assert (found.probe_status, found.kind, found.title) == ("ready", "playlist", "A podcast")
    rows = PlaylistEntry.objects.filter(content=found)
    assert [(row.position, row.title) for row in rows] == [
        (1, "Part one"),
        (2, "Part two"),
        (3, "Part three"),
    ]
    assert Content.objects.count() == 1, "none of them was looked at"
    chosen = services.request_entries(alice, found, keys(found, 2))
    by = worker()
    for _ in range(2):
        runner.run(claim_by(by), StopToken())
    now = Download.objects.filter(group=chosen.group).with_status()
    assert [one.status for one in now] == ["completed", "completed"]


def test_asked_for_as_one_thing_it_says_what_it_is(feed: str) -> None:
    download = ask(person("alice"), feed)
    runner.run(claim_by(worker()), StopToken())
    now = Download.objects.with_status().get(pk=download.pk)
    assert (now.status, now.error_code, now.error) == ("failed", "unsupported_url", IS_A_PLAYLIST)


def test_what_is_one_thing_now_is_no_playlist_any_more(origin: StreamingOrigin, feed: str) -> None:
    asked, _ = services.add_content(person("alice"), feed)
    assert prober.probe_one()
    origin.serve("/feed.html", content(9))
    origin.files["/feed.html"].redirect = "/one.mp4"
    services.probe_again(Content.objects.get(pk=asked.pk))
    assert prober.probe_one()
    found = Content.objects.get(pk=asked.pk)
    assert (found.kind, found.probe_status) == ("single", "ready")
    assert [each["quality"] for each in found.qualities] == ["auto"]
    assert not PlaylistEntry.objects.filter(content=found).exists()
