"""Redis carries only news: without it sockets live on the ledger, and miss nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from downloads import services
from downloads.events.announce import announce_downloads, announce_progress
from downloads.events.sender import SEND_WITHIN
from downloads.models import Rendition
from tests.support.daphne import Daphne
from tests.support.ledger import ask, claim_by, worker
from tests.support.redis_server import RedisServer
from tests.support.socket_page import Page

CALLS = 30


@contextmanager
def without_waiting(calls: int) -> Iterator[None]:
    """Take less than so many calls would if each waited for a Redis that does not answer."""
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < calls * SEND_WITHIN


def hears_again(page: Page, user: Any) -> None:
    """News, and not only snapshots, comes through within a few seconds."""
    deadline = time.monotonic() + 60
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

        with without_waiting(2 * CALLS):
            for _ in range(CALLS):
                announce_downloads([download.pk], "requested")
            services.pause(alice, download.pk)
            for _ in range(CALLS):
                announce_downloads([download.pk], "paused")

        # what moved meanwhile shows, with Redis still away
        deadline = time.monotonic() + 60
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
            assert page.until("download:snapshot")["data"] == {"downloads": []}
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
        shown = page.until("download:snapshot")["data"]["downloads"]
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
        shown = page.until("download:snapshot")["data"]["downloads"]
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
        with without_waiting(CALLS):
            for percent in range(1, CALLS):
                row.update(progress=float(percent), seq=100 + percent)
                announce_progress(lease.rendition_id)
                time.sleep(0.05)
        redis.thaw()
        for seq in range(200, 400):
            row.update(progress=50.0, seq=seq)
            announce_progress(lease.rendition_id)
            came = [one["data"] for one in page.all(0.1) if one["event"] == "download:progress"]
            if any(data["progress"] == 50.0 for data in came):
                return
        raise AssertionError("no progress comes any more")
