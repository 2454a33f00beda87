"""The link of a hub that has no sockets any more."""

from __future__ import annotations

import pytest

from downloads.events import hub
from downloads.events.outbound_event import OutboundEvent
from downloads.events.publisher import Publisher
from tests.events.ears import Ears
from tests.support.redis_server import RedisServer
from tests.support.stack import until


def test_it_is_closed_and_opened_for_the_next_socket(
    redis: RedisServer, ears: Ears, user_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "UNUSED_FOR", 0.1)
    monkeypatch.setattr(hub, "BEAT_EVERY", 0.05)
    first = ears.of(user_id)
    ears.leave(user_id, first)
    until(lambda: not ears.linked)
    with redis.client() as client:
        until(lambda: not any(int(each["sub"]) for each in client.client_list()))

    again = ears.of(user_id)
    Publisher().send([OutboundEvent(user_id, '{"event": "state", "seq": 1}', "a", 1)])
    assert again.wait_for(1) == [{"event": "state", "seq": 1}]
    assert first.news == []
    assert ears.linked
