"""Redis carries only news: without it sockets live on the ledger, and miss nothing."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import pytest

from downloads import services
from downloads.events.announce import announce_downloads, announce_progress
from downloads.models import Rendition
from tests.support.daphne import Daphne
from tests.support.ledger import ask, claim_by, worker
from tests.support.redis_server import RedisServer
from tests.support.socket_page import Page

HELD_UP = 0.5  # seconds; a call that waits for Redis takes longer


def at_once(call: Callable[[], None], times: int = 20) -> bool:
    """Return True if most calls do not wait for Redis: a machine may have other work too."""
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        call()
        took.append(time.perf_counter() - begun)
    return median(took) < HELD_UP


def hears_again(page: Page, user: Any) -> None:
    """News, and not only snapshots, comes through within a few seconds."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        download = ask(user)
        announce_downloads([download.pk], "requested")
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

        assert at_once(lambda: announce_downloads([download.pk], "requested"))
        services.pause(alice, download.pk)
        assert at_once(lambda: announce_downloads([download.pk], "paused"))

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
        asked = ask(alice)  # without an event
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
            assert at_once(lambda: announce_progress(lease.rendition_id), times=3)
            time.sleep(0.05)
        redis.thaw()
        for seq in range(200, 400):
            row.update(progress=50.0, seq=seq)
            announce_progress(lease.rendition_id)
            came = [one["data"] for one in page.all(0.1) if one["event"] == "download:progress"]
            if any(data["progress"] == 50.0 for data in came):
                return
        raise AssertionError("no progress comes any more")
