"""One attempt at a real receiver, whatever it does."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models.functions import Now
from standardwebhooks.webhooks import Webhook as Verifier

from config.server.supervisor.port import ReservedPort
from downloads import conf, services
from downloads.models import Webhook, WebhookDelivery
from downloads.webhooks import outcome
from downloads.webhooks.claim import claim
from downloads.webhooks.schedule import ATTEMPTS, WAITS
from tests.support.answers import forever, respond, then_hang
from tests.support.certificate import trusted
from tests.support.names import Names, names
from tests.support.webhook_receiver import OK, Receiver
from tests.webhooks.arrange import hook, make_due, message, send

__all__ = ["names"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("loopback")]


@pytest.fixture
def webhook(alice: Any, receiver: Receiver) -> Webhook:
    return hook(alice, receiver.url("/hook?key=s3cr3t"))


def waits(row: WebhookDelivery) -> float:
    """Return the seconds from the attempt's begin to the next: the wait, and what it took."""
    assert row.next_attempt_at is not None
    assert row.last_attempt_at is not None
    return (row.next_attempt_at - row.last_attempt_at).total_seconds()


def test_it_arrives_signed(alice: Any, receiver: Receiver) -> None:
    made = services.add_webhook(alice, receiver.url("/hook?key=1"))
    row = message(made.row)
    assert send(made.row).succeeded
    (got,) = receiver.got
    assert got.target == "/hook?key=1"
    assert got.body.decode() == row.body
    assert Verifier(made.secret).verify(got.body, got.headers) == got.message
    assert got.id == f"msg_{row.message_id.hex}"
    assert got.headers["content-type"] == "application/json"
    assert {"cookie", "authorization"}.isdisjoint(got.headers)
    row.refresh_from_db()
    assert (row.status, row.attempts, row.response_status) == ("succeeded", 1, 204)
    assert (row.error, row.next_attempt_at, row.claim_token) == ("", None, None)


@pytest.mark.parametrize(
    ("said", "status", "error"),
    [
        (respond(b"it broke", status="500 Oops"), 500, "answered 500"),
        (respond(status="404 Not Found"), 404, "answered 404"),
        (respond(status="301 Moved", Location="/elsewhere"), 301, "final address"),
        (respond(status="307 Moved", Location="http://127.0.0.1:1/"), 307, "final address"),
        (respond(status="101 Switching Protocols"), 101, "answered 101"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", None, "invalid response"),
        (
            forever(first=b"HTTP/1.1 200 OK\r\n", block=b"X-More: " + b"x" * 1000 + b"\r\n"),
            None,
            "invalid response",
        ),
        (None, None, "did not answer"),
    ],
    ids=["500", "404", "301", "307", "101", "ssh", "headers-without-end", "hangs-up"],
)
def test_what_is_no_success(
    webhook: Webhook, receiver: Receiver, said: Any, status: int | None, error: str
) -> None:
    receiver.reply = said
    row = message(webhook)
    send(webhook)
    row.refresh_from_db()
    assert (row.status, row.response_status, row.attempts) == ("pending", status, 1)
    assert error in row.error
    assert WAITS[0] <= waits(row) < WAITS[1]
    assert [got.target for got in receiver.got] == ["/hook?key=s3cr3t"], "no redirect is followed"
    webhook.refresh_from_db()
    assert webhook.failing_since is not None


def test_who_refuses(alice: Any) -> None:
    nothing = ReservedPort()  # listens there
    webhook = hook(alice, f"http://127.0.0.1:{nothing.number}/")
    row = message(webhook)
    send(webhook)
    row.refresh_from_db()
    assert (row.status, row.response_status) == ("pending", None)
    assert row.error == outcome.NO_ANSWER


def test_over_tls_it_arrives_where_the_certificate_is_good(
    alice: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with trusted(tmp_path, monkeypatch) as context, Receiver(context) as receiver:
        webhook = hook(alice, receiver.url())
        message(webhook)
        assert send(webhook).succeeded
        assert len(receiver.got) == 1


def test_over_tls_nothing_is_sent_where_it_is_not(
    alice: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with trusted(tmp_path, monkeypatch) as context, Receiver(context) as receiver:
        webhook = hook(alice, receiver.url().replace("localhost", "127.0.0.1"))
        row = message(webhook)
        send(webhook)
        row.refresh_from_db()
        assert row.status == "pending"
        assert "certificate" in row.error
        assert receiver.got == []


DRIP = forever(first=b"HTTP/1.1 200 OK\r\n", block=b"X: y\r\n", pause=0.1)


@pytest.mark.timeout(40)  # they never end by themselves
@pytest.mark.parametrize(
    ("scheme", "act"),
    [("http", then_hang()), ("http", DRIP), ("https", then_hang())],
    ids=["silent", "drips-headers", "never-shakes-hands"],
)
def test_who_does_not_answer(
    webhook: Webhook, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, scheme: str, act: Any
) -> None:
    monkeypatch.setattr(conf, "WEBHOOK_WITHIN", 0.8)
    Webhook.objects.update(url=webhook.url.replace("http", scheme))
    receiver.reply = act
    row = message(webhook)
    began = time.monotonic()
    send(webhook)
    assert time.monotonic() - began > 0.7
    row.refresh_from_db()
    assert (row.status, row.response_status) == ("pending", None)
    assert row.error == outcome.NO_ANSWER


@pytest.mark.parametrize(
    "said",
    [
        forever(first=b"HTTP/1.1 200 OK\r\n\r\n", block=b"a" * 65536),
        forever(
            first=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", block=b"5\r\naaaaa\r\n"
        ),
        respond(b"a" * 5000, status="200 OK"),
    ],
    ids=["endless", "endless-chunks", "long"],
)
def test_of_an_answer_only_the_beginning_is_read(
    webhook: Webhook, receiver: Receiver, said: Any
) -> None:
    receiver.reply = said
    row = message(webhook)
    assert send(webhook).succeeded
    row.refresh_from_db()
    assert row.response_body == "a" * conf.WEBHOOK_ANSWER_KEPT


def test_an_answer_is_kept_as_text(webhook: Webhook, receiver: Receiver) -> None:
    receiver.reply = respond(b"\xff\x00ok", status="200 OK")
    row = message(webhook)
    send(webhook)
    row.refresh_from_db()
    assert row.response_body == "\ufffd\ufffdok"


def test_a_body_that_never_ends_its_promise_holds_nothing_up(
    webhook: Webhook, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conf, "WEBHOOK_BODY_WITHIN", 0.3)

    receiver.reply = then_hang(b"HTTP/1.1 202 Accepted\r\nContent-Length: 100\r\n\r\nhi")
    row = message(webhook)
    assert send(webhook).succeeded
    row.refresh_from_db()
    assert (row.response_status, row.response_body) == (202, "hi")


def test_the_same_message_again_until_it_arrives(webhook: Webhook, receiver: Receiver) -> None:
    receiver.reply = respond(status="503 Busy")
    row = message(webhook)
    send(webhook)
    assert claim() is None, "not before its time"
    make_due()
    receiver.reply = OK
    send(webhook)
    assert [got.id for got in receiver.got] == [f"msg_{row.message_id.hex}"] * 2
    assert receiver.got[0].body == receiver.got[1].body
    row.refresh_from_db()
    webhook.refresh_from_db()
    assert (row.status, row.attempts, row.error) == ("succeeded", 2, "")
    assert webhook.failing_since is None


def test_who_asks_for_time_gets_it(webhook: Webhook, receiver: Receiver) -> None:
    receiver.reply = respond(status="429 Slow down", Retry_After="100")
    row = message(webhook)
    send(webhook)
    row.refresh_from_db()
    assert 100 <= waits(row) < WAITS[2]


def test_after_the_last_attempt_it_has_failed(webhook: Webhook, receiver: Receiver) -> None:
    receiver.reply = respond(status="500 Oops")
    row = message(webhook, attempts=ATTEMPTS - 1)
    send(webhook)
    row.refresh_from_db()
    assert (row.status, row.attempts, row.next_attempt_at) == ("failed", ATTEMPTS, None)
    webhook.refresh_from_db()
    assert webhook.disabled_at is None


def test_410_ends_it(webhook: Webhook, receiver: Receiver) -> None:
    receiver.reply = respond(status="410 Gone")
    first, second = message(webhook), message(webhook)
    send(webhook)
    for row in (first, second):
        row.refresh_from_db()
        assert row.status == "failed"
    assert {first.response_status, second.response_status} == {410, None}
    webhook.refresh_from_db()
    assert webhook.disabled_at is not None
    assert "410" in webhook.disabled_reason


@pytest.mark.parametrize(
    ("days", "attempts", "disabled"),
    [(4, ATTEMPTS - 1, False), (6, ATTEMPTS - 1, True), (6, 0, False)],
)
def test_what_fails_for_days_is_disabled(
    webhook: Webhook, receiver: Receiver, days: int, attempts: int, disabled: bool
) -> None:
    """Not by the first attempt after a quiet week: the receiver may be back in a moment."""
    Webhook.objects.update(failing_since=Now() - timedelta(days=days))
    receiver.reply = respond(status="500 Oops")
    message(webhook, attempts=attempts)
    send(webhook)
    webhook.refresh_from_db()
    assert (webhook.disabled_at is not None) is disabled
    assert ("5 days" in webhook.disabled_reason) is disabled


@pytest.mark.parametrize("allowed", ["", "10.0.0.0/8"])
def test_an_inner_address_is_not_connected_to(
    webhook: Webhook, receiver: Receiver, settings: Any, allowed: str
) -> None:
    settings.FETCH_ALLOWED_NETWORKS = allowed
    row = message(webhook)
    send(webhook)
    row.refresh_from_db()
    assert (row.status, row.response_status) == ("pending", None)
    assert row.error == outcome.NO_ANSWER
    assert receiver.got == []


def test_a_name_that_leads_inside_is_not_connected_to(
    alice: Any, receiver: Receiver, settings: Any, names: Callable[..., Names]
) -> None:
    settings.FETCH_ALLOWED_NETWORKS = ""
    names(("127.0.0.1",))
    webhook = hook(alice, f"http://hooks.example:{receiver.port}/")
    row = message(webhook)
    send(webhook)
    row.refresh_from_db()
    assert row.error == outcome.NO_ANSWER
    assert receiver.got == []


def test_ferrys_own_ports_stay_closed(alice: Any, receiver: Receiver, settings: Any) -> None:
    webhook = hook(alice, receiver.url())
    settings.PORT = receiver.port
    row = message(webhook)
    send(webhook)
    row.refresh_from_db()
    assert row.error == outcome.NO_ANSWER
    assert receiver.got == []


def test_a_secret_that_cannot_be_read_signs_nothing(
    webhook: Webhook, receiver: Receiver, settings: Any
) -> None:
    settings.SECRET_KEY = "another" * 8
    row = message(webhook)
    send(webhook)
    row.refresh_from_db()
    assert "make it again" in row.error
    assert receiver.got == []


def test_the_log_holds_no_secret(
    alice: Any, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    made = services.add_webhook(alice, receiver.url("/hook?key=s3cr3t"))
    receiver.reply = respond(status="410 Gone")
    message(made.row)
    send(made.row)
    assert "webhook disabled" in caplog.text
    assert "s3cr3t" not in caplog.text
    assert made.secret not in caplog.text
    assert made.secret not in repr(made)
