"""News from one process to another through a real Redis, whatever it does."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import subprocess
import sys
import time

import pytest

from config.datadir import BASE_DIR
from downloads.events.outbound_event import RECHECK, RESYNC, OutboundEvent, signal
from downloads.events.publisher import Publisher
from tests.events.ears import Ears
from tests.support.redis_server import RedisServer


def state(user: int, seq: int, of: str = "a") -> OutboundEvent:
    return OutboundEvent(user, f'{{"event": "state", "seq": {seq}}}', of, seq)


def progress(user: int, seq: int, of: str = "a") -> OutboundEvent:
    return OutboundEvent(user, f'{{"event": "progress", "seq": {seq}}}', of, seq, is_progress=True)


def until_back(publisher: Publisher, patience: float = 30.0) -> None:
    deadline = time.monotonic() + patience
    while publisher.is_away:
        assert time.monotonic() < deadline, "still away"
        time.sleep(0.02)


def until_away(publisher: Publisher, patience: float = 30.0) -> None:
    deadline = time.monotonic() + patience
    while not publisher.is_away:
        assert time.monotonic() < deadline, "not away"
        time.sleep(0.02)


def test_it_arrives_in_order(ears: Ears, user_id: int) -> None:
    ear = ears.of(user_id)
    publisher = Publisher()
    for seq in range(200):
        publisher.send([state(user_id, seq)])
    assert [event["seq"] for event in ear.wait_for(200)] == list(range(200))


def test_each_hears_their_own(ears: Ears, user_id: int) -> None:
    ear, other = ears.of(user_id), ears.of(user_id + 1_000_000)
    publisher = Publisher()
    publisher.send([state(user_id, 1), state(user_id + 1_000_000, 2)])
    assert [event["seq"] for event in ear.wait_for(1)] == [1]
    assert [event["seq"] for event in other.wait_for(1)] == [2]


def test_of_progress_the_last_always_arrives(ears: Ears, user_id: int) -> None:
    ear = ears.of(user_id)
    publisher = Publisher()
    for seq in range(1, 301):
        publisher.send([progress(user_id, seq)])
    deadline = time.monotonic() + 30
    while not ear.events or ear.events[-1]["seq"] != 300:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    told = [event["seq"] for event in ear.events]
    assert told == sorted(set(told))


@pytest.mark.parametrize("how", ["stop", "freeze"])
def test_redis_away_holds_no_call_up_and_losses_are_told(
    ears: Ears, user_id: int, redis: RedisServer, how: str
) -> None:
    ear = ears.of(user_id)
    publisher = Publisher()
    publisher.send([state(user_id, 1)])
    ear.wait_for(1)
    getattr(redis, how)()

    for seq in range(2, 400):  # minutes, if each waited for Redis
        publisher.send([state(user_id, seq)])
        time.sleep(0.001)
    until_away(publisher)
    assert publisher.flush() is False

    redis.thaw()
    redis.start()
    ear.wait_for_resync()
    until_back(publisher)
    publisher.send([state(user_id, 1000)])
    deadline = time.monotonic() + 30
    while ear.events[-1]["seq"] != 1000:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_rights_are_checked_again_after_a_broken_link(
    ears: Ears, user_id: int, redis: RedisServer
) -> None:
    """A sign-out in the meantime reached no socket."""
    ear = ears.of(user_id)
    redis.stop()
    redis.start()
    ear.wait_for_resync()
    assert ear.rechecks.is_set()


def test_word_of_a_sign_out_that_did_not_get_through_is_sent_again(user_id: int) -> None:
    publisher = Publisher()
    publisher.went_away(signal(RECHECK, user_id), TimeoutError())
    kinds = {asyncio.run(asyncio.wait_for(publisher.next(), 10)).message["type"] for _ in range(2)}
    assert kinds == {RECHECK, RESYNC}


def test_a_full_redis_still_passes_news_on(ears: Ears, user_id: int, redis: RedisServer) -> None:
    ear = ears.of(user_id)
    with redis.client() as client:
        client.config_set("maxmemory", 1)
        try:
            Publisher().send([state(user_id, 1)])
            ear.wait_for(1)
        finally:
            client.config_set("maxmemory", 0)


def test_the_process_ends_only_after_its_last_news(ears: Ears, user_id: int) -> None:
    ear = ears.of(user_id)
    done = subprocess.run(
        [sys.executable, "-c", _SAY_AND_END, str(user_id)],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.base"},
        cwd=BASE_DIR,
        timeout=30,
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert [event["seq"] for event in ear.wait_for(20)] == list(range(20))


_SAY_AND_END = """
import sys, django
django.setup()
from downloads.events.outbound_event import RECHECK, RESYNC, OutboundEvent, signal
from downloads.events.publisher import publisher
user = int(sys.argv[1])
event = '{"event": "state", "seq": %d}'
publisher().send([OutboundEvent(user, event % n, "x", n) for n in range(20)])
"""


def _say(user: int) -> None:
    from downloads.events.publisher import publisher

    publisher().send([state(user, 2, of="child")])
    publisher().flush(5)


def test_a_forked_child_has_a_publisher_of_its_own(ears: Ears, user_id: int) -> None:
    from downloads.events.publisher import publisher

    ear = ears.of(user_id)
    publisher().send([state(user_id, 1, of="parent")])
    ear.wait_for(1)
    child = multiprocessing.get_context("fork").Process(target=_say, args=(user_id,))
    child.start()
    child.join(20)
    assert child.exitcode == 0
    assert [event["seq"] for event in ear.wait_for(2)] == [1, 2]
