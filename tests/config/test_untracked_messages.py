"""Celery's transport without books."""

from __future__ import annotations

import pytest
from django.conf import settings
from kombu import Connection, Queue

from config.server.untracked_messages import Transport


@pytest.mark.timeout(20)
def test_a_worker_that_waits_for_a_message_ends_without_one() -> None:
    connection = Connection(
        settings.REDIS_URL, transport=Transport, transport_options={"polling_interval": 600}
    )
    with connection, connection.Consumer([Queue("empty")], accept=["json"]) as consumer:
        with pytest.raises(TimeoutError):
            connection.drain_events(timeout=0.2)
        channel = consumer.channel
        assert channel._in_poll
        channel.close()
        assert channel.closed
