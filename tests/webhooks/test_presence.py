"""A webhook is no probe of a private network: neither text nor time tell what gave no answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from downloads import conf
from downloads.models import Webhook
from downloads.schemas import DeliveryPayload
from downloads.webhooks import deliverer
from downloads.webhooks.deliverer import Deliverer
from tests.support.answers import then_hang
from tests.support.names import Names, names
from tests.support.stack import until
from tests.support.webhook_receiver import Receiver
from tests.webhooks.arrange import hook, message

__all__ = ["names"]

pytestmark = pytest.mark.django_db(transaction=True)

TOLD_LATER = {"id", "message_id", "last_attempt_at", "next_attempt_at", "created_at"}


def test_blocked_refused_absent_and_silent_read_and_last_the_same(
    alice: Any,
    receiver: Receiver,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: Any,
    names: Callable[..., Names],
) -> None:
    settings.FETCH_ALLOWED_NETWORKS = f"127.0.0.1/32:{receiver.port},127.0.0.1/32:1"
    caplog.set_level("INFO")
    monkeypatch.setattr(conf, "WEBHOOK_WITHIN", 0.4)
    monkeypatch.setattr(deliverer, "_SLACK", 0.4)
    names(("127.0.0.1",)).absent.add("absent.example")
    receiver.reply = then_hang()
    places = {
        "blocked": "http://inside.example:2/",
        "refused": "http://inside.example:1/",
        "absent": "http://absent.example/",
        "silent": f"http://inside.example:{receiver.port}/",
    }
    rows = {name: message(hook(alice, url)) for name, url in places.items()}
    sender = Deliverer(threading.Event())
    began = time.monotonic()
    sender.nudge()
    for row in rows.values():
        until(lambda row=row: row.refresh_from_db() or (row.claim_token is None and row.attempts))
        assert time.monotonic() - began >= 0.8
    told = [DeliveryPayload.of(row).model_dump(exclude=TOLD_LATER) for row in rows.values()]
    assert told == [told[0]] * len(told)
    assert told[0]["error"]
    until(lambda: sender.is_idle)  # the line is written once the row is
    for reason in ("blocked_address", "refused", "not known", "stalled"):
        assert reason in caplog.text, "staff see it in the log"
    assert Webhook.objects.filter(failing_since=None).count() == 0
