"""Probing: what a pasted URL is, asked of a real source."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now

from downloads import conf, services
from downloads.engine.core.cancellation import StopToken
from downloads.jobs import prober, runner
from downloads.models import Content, PlaylistEntry
from tests.support.answers import missing
from tests.support.content import MIB, content
from tests.support.ledger import ask, claim_by, person, worker
from tests.support.origin import Origin
from tests.support.request import Request
from tests.support.stack import until
from tests.support.streaming.media import Media
from tests.support.streaming.origin import StreamingOrigin

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_probe_fills_in_what_is_on_offer(origin: Origin) -> None:
    origin.serve("/My%20clip.mp4", content(MIB))
    asked, _ = services.add_content(person("alice"), origin.url("/My%20clip.mp4"))
    assert prober.probe_one()
    found = Content.objects.get(pk=asked.pk)
    assert (found.probe_status, found.title) == ("ready", "My clip")
    assert [(one["quality"], one["size"]) for one in found.qualities] == [("auto", MIB)]
    assert not prober.probe_one()


def test_a_podcast_is_a_playlist(origin: Origin) -> None:
    items = "".join(
        f"<item><title>No. {n}</title><enclosure url='/{n}.mp3' type='audio/mpeg'/></item>"
        for n in (1, 2)
    )
    origin.serve("/feed", f"<rss><channel><title>Boats</title>{items}</channel></rss>".encode())
    asked, _ = services.add_content(person("alice"), origin.url("/feed"))
    assert prober.probe_one()
    found = Content.objects.get(pk=asked.pk)
    assert (found.probe_status, found.kind, found.title) == ("ready", "playlist", "Boats")
    entries = PlaylistEntry.objects.filter(content=found).order_by("position")
    assert [(each.title, each.url) for each in entries] == [
        ("No. 1", origin.url("/1.mp3")),
        ("No. 2", origin.url("/2.mp3")),
    ]


def test_a_probe_that_fails_says_why(origin: Origin) -> None:
    asked, _ = services.add_content(person("alice"), origin.url("/gone.mp4"))
    prober.probe_one()
    found = Content.objects.get(pk=asked.pk)
    assert (found.probe_status, found.probe_error_code) == ("failed", "unavailable")


def test_what_a_download_resolves_is_not_probed_too(origin: Origin) -> None:
    origin.serve("/a.mp4", content(MIB))
    ask(person("alice"), origin.url("/a.mp4"))
    assert not prober.probe_one()
    runner.run(claim_by(worker()), StopToken())
    assert Content.objects.get().probe_status == "ready"


def test_a_ladder_is_one_quality_a_rung(media: Media, films: StreamingOrigin) -> None:
    asked, _ = services.add_content(person("alice"), films.url(media.hls_separate()))
    assert prober.probe_one()
    found = Content.objects.get(pk=asked.pk)
    offered = [
        (one["quality"], one["height"], one["ext"], one["sizeIsEstimate"])
        for one in found.qualities
    ]
    assert offered == [
        ("720p", 720, "mp4", True),
        ("360p", 360, "mp4", True),
        ("audio", None, "m4a", True),
    ]
    sizes = [one["size"] for one in found.qualities]
    assert sizes == sorted(sizes, reverse=True)


def test_old_content_is_probed_again_when_it_is_shown(origin: Origin) -> None:
    alice = person("alice")
    file = origin.serve("/a.mp4", content(MIB))
    asked, _ = services.add_content(alice, origin.url("/a.mp4"))
    prober.probe_one()
    Content.objects.update(probed_at=Now() - conf.REVALIDATE_AFTER * 2)
    assert not prober.probe_one(), "no page shows it"
    assert services.content_visible_to(alice, asked.pk).probe_status == "ready"
    file.data = content(2 * MIB)
    assert prober.probe_one()
    (found,) = Content.objects.get(pk=asked.pk).qualities
    assert found["size"] == 2 * MIB
    services.content_visible_to(alice, asked.pk)
    assert not prober.probe_one(), "it is new again"


def test_what_is_known_stays_where_the_source_is_away(origin: Origin) -> None:
    alice = person("alice")
    origin.serve("/a.mp4", content(MIB))
    asked, _ = services.add_content(alice, origin.url("/a.mp4"))
    prober.probe_one()
    Content.objects.update(probed_at=Now() - conf.REVALIDATE_AFTER * 2)
    services.content_visible_to(alice, asked.pk)
    origin.close()
    for _ in range(conf.PROBE_ATTEMPTS):
        Content.objects.update(probe_lease_expires_at=None)
        assert prober.probe_one()
    found = Content.objects.get(pk=asked.pk)
    assert (found.probe_status, len(found.qualities)) == ("ready", 1)
    assert not prober.probe_one()


def drip(request: Request, sock: socket.socket) -> None:
    """A playlist that never ends, and never stalls."""
    sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/x-mpegurl\r\n\r\n#EXTM3U\n")
    while True:
        sock.sendall(b"#")
        time.sleep(0.05)


def test_a_probe_ends_before_its_lease(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """Else the next worker would begin the same one, and so on, each in a thread for ever."""
    assert conf.PROBE_LEASE.total_seconds() > conf.PROBE_WITHIN + 10
    settings.FETCH_ALLOWED_NETWORKS = "127.0.0.0/8"
    monkeypatch.setattr(conf, "PROBE_WITHIN", 0.5)
    with Origin({"/a.m3u8": drip}) as site:
        asked, _ = services.add_content(person("alice"), site.url("/a.m3u8"))
        for attempt in range(1, conf.PROBE_ATTEMPTS + 1):
            Content.objects.update(probe_lease_expires_at=None)
            assert prober.probe_one()
            found = Content.objects.get(pk=asked.pk)
            assert found.probe_attempts == attempt
    assert (found.probe_status, found.probe_error_code) == ("failed", "stalled")
    assert "took too long to list" in found.probe_error
    assert not prober.probe_one()


@pytest.mark.parametrize("known", [False, True])
def test_what_ends_its_worker_is_not_probed_for_ever(origin: Origin, known: bool) -> None:
    asked, _ = services.add_content(person("alice"), origin.url("/a.mp4"))
    if known:
        old = Now() - conf.REVALIDATE_AFTER
        Content.objects.update(probe_status="ready", probed_at=old, probe_wanted_at=Now())
    Content.objects.update(probe_attempts=conf.PROBE_ATTEMPTS)  # each taken, and none ended
    assert prober.probe_one()
    found = Content.objects.get(pk=asked.pk)
    assert origin.log == []
    assert found.probe_status == ("ready" if known else "failed")
    assert found.probe_error.startswith("Checking this link kept crashing") != known
    assert not prober.probe_one()


class Silent(Origin):
    """An origin that takes its time: it answers once it is told to."""

    def __init__(self) -> None:
        self.go = threading.Event()
        super().__init__(handle=self._wait)

    def _wait(self, _: Request) -> bytes:
        self.go.wait(60)
        return missing()


def test_slow_links_of_one_user_delay_no_other(origin: Origin) -> None:
    origin.serve("/b.mp4", content(MIB))
    alice, bob = person("alice"), person("bob")
    with Silent() as silent:
        for number in range(16):
            services.add_content(alice, silent.url(f"/{number}.mp4"))
        slow = [threading.Thread(target=probe_all, daemon=True) for _ in range(conf.PROBE_THREADS)]
        for each in slow:
            each.start()
        until(lambda: Content.objects.filter(probing_since__isnull=False).count() == 2)
        time.sleep(0.5)
        assert Content.objects.filter(probing_since__isnull=False).count() == conf.PROBES_OF_USER

        asked, _ = services.add_content(bob, origin.url("/b.mp4"))
        assert prober.probe_one()
        assert Content.objects.get(pk=asked.pk).probe_status == "ready"
        assert not prober.probe_one()
        silent.go.set()
        for each in slow:
            each.join(30)
    assert Content.objects.filter(probe_status="failed", probing_since=None).count() == 16


def test_what_another_user_wants_too_does_not_wait(origin: Origin) -> None:
    origin.serve("/b.mp4", content(MIB))
    alice, bob = person("alice"), person("bob")
    for number in range(conf.PROBES_OF_USER):
        busy, _ = services.add_content(alice, origin.url(f"/{number}.mp4"))
        busy_rows = Content.objects.filter(pk=busy.pk)
        busy_rows.update(probing_since=Now(), probe_lease_expires_at=Now() + conf.PROBE_LEASE)
    asked, _ = services.add_content(alice, origin.url("/b.mp4"))
    assert not prober.waiting().exists()
    services.add_content(bob, origin.url("/b.mp4"))
    assert list(prober.waiting()) == [asked]


def probe_all() -> None:
    try:
        while prober.probe_one():
            pass
    finally:
        connection.close()
