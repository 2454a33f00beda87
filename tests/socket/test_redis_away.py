"""Redis carries only news: without it sockets live on the ledger, and miss nothing."""

from __future__ import annotations

import time
from typing import Any

import pytest

from downloads import services
from downloads.events.announce import announce_download, announce_progress
from downloads.events.publisher import publisher
from downloads.models import Rendition
from tests.ledger import ask, claim_by, worker
from tests.redis_server import RedisServer
from tests.socket.page import Page
from tests.socket.server import Daphne

AT_ONCE = 0.05  # seconds


def announced(download_id: Any, event: str) -> float:
    """Seconds that the caller was held up."""
    begun = time.perf_counter()
    announce_download(download_id, event)
    return time.perf_counter() - begun


def hears_again(page: Page, user: Any) -> None:
    """News, and not only snapshots, comes through within a few seconds."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        download = ask(user)
        announce_download(download.pk, "requested")
        if any(message["event"] == "download:queued" for message in page.all(0.5)):
            return
    raise AssertionError("no news comes any more")


@pytest.mark.parametrize("how", ["stop", "freeze"])
def test_nothing_is_held_up_and_nothing_missed(
    server: Daphne, alice: Any, redis: RedisServer, how: str
) -> None:
    download = ask(alice)
    with Page(server, alice) as page:
        page.until("download:snapshot")
        getattr(redis, how)()

        assert max(announced(download.pk, "requested") for _ in range(20)) < AT_ONCE
        services.pause(alice, download.pk)
        assert announced(download.pk, "paused") < AT_ONCE

        # what moved meanwhile shows, with Redis still away
        deadline = time.monotonic() + 20
        shown = ""
        while shown != "paused" and time.monotonic() < deadline:
            (one,) = page.until("download:snapshot")["data"]["downloads"]
            shown = one["status"]
        assert shown == "paused"

        redis.thaw()
        redis.start()
        hears_again(page, alice)


@pytest.mark.parametrize("how", ["stop", "freeze"])
def test_a_socket_opens_without_redis(
    server: Daphne, alice: Any, redis: RedisServer, how: str
) -> None:
    with Page(server, alice) as first:
        first.next()
        getattr(redis, how)()
        with Page(server, alice) as page:
            assert page.until("download:snapshot", 10)["data"] == {"downloads": []}
            redis.thaw()
            redis.start()
            hears_again(page, alice)


def test_a_snapshot_follows_when_redis_is_back(
    server: Daphne, alice: Any, redis: RedisServer
) -> None:
    with Page(server, alice) as page:
        page.next()
        redis.stop()
        time.sleep(1)
        asked = ask(alice)
        redis.start()
        shown = page.until("download:snapshot", 20)["data"]["downloads"]
        assert [one["id"] for one in shown] == [str(asked.pk)]


@pytest.mark.parametrize("kinds", [["pubsub"], ["pubsub", "normal"]])
def test_connections_cut_by_redis_are_repaired(
    server: Daphne, alice: Any, redis: RedisServer, kinds: list[str]
) -> None:
    with Page(server, alice) as page:
        page.next()
        with redis.client() as client:
            for kind in kinds:
                client.execute_command("CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes")
        asked = ask(alice)  # and nobody tells
        shown = page.until("download:snapshot", 20)["data"]["downloads"]
        assert [one["id"] for one in shown] == [str(asked.pk)]
        hears_again(page, alice)


def test_work_goes_on_and_its_next_progress_arrives(
    server: Daphne, alice: Any, redis: RedisServer
) -> None:
    ask(alice)
    lease = claim_by(worker())
    row = Rendition.objects.filter(pk=lease.rendition_id)
    with Page(server, alice) as page:
        page.next()
        redis.freeze()
        for percent in range(1, 40):
            row.update(progress=float(percent), seq=100 + percent)
            begun = time.perf_counter()
            announce_progress(lease.rendition_id)
            assert time.perf_counter() - begun < AT_ONCE
            time.sleep(0.05)
        redis.thaw()
        deadline = time.monotonic() + 10
        while publisher().is_away and time.monotonic() < deadline:
            time.sleep(0.05)
        row.update(progress=50.0, seq=200)
        announce_progress(lease.rendition_id)
        while page.until("download:progress")["data"]["progress"] != 50.0:
            pass


