"""The real processes: what happens to a download arrives, whatever is killed meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook as Verifier

from tests.support.answers import then_hang
from tests.support.content import MIB, content
from tests.support.origin import Origin
from tests.support.stack import Person, Stack, until
from tests.support.webhook_receiver import OK, Receiver

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]


@pytest.fixture
def dora(stack: Stack) -> Iterator[Person]:
    dora = stack.person("dora")
    yield dora
    for webhook in dora.get("webhooks/").json()["results"]:
        dora.request("DELETE", f"webhooks/{webhook['id']}/")


def told_to(person: Person, receiver: Receiver, **fields: Any) -> dict[str, Any]:
    answer = person.post("webhooks/", url=receiver.url(), **fields)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def deliveries(person: Person, webhook: dict[str, Any]) -> list[dict[str, Any]]:
    return list(person.get(f"webhooks/{webhook['id']}/deliveries/").json()["results"])


def test_a_completed_download_arrives_signed(
    dora: Person, origin: Origin, receiver: Receiver
) -> None:
    webhook = told_to(dora, receiver)
    origin.serve("/film.mp4", content(MIB))
    asked = dora.ask(origin.url("/film.mp4"))
    dora.wait_for(asked["id"], "completed")
    (got,) = until(lambda: receiver.of("download:completed"))
    assert Verifier(webhook["secret"]).verify(got.body, got.headers) == got.message
    data = got.message["data"]
    assert data["downloadId"] == asked["id"]
    assert (data["size"], data["fileUrl"]) == (MIB, data["download"]["fileUrl"])
    assert data["download"]["status"] == "completed"

    until(lambda: len(receiver.got) == len(deliveries(dora, webhook)))
    kinds = {got.type for got in receiver.got}
    assert {"download:queued", "download:started", "download:completed"} <= kinds
    until(lambda: {row["status"] for row in deliveries(dora, webhook)} == {"succeeded"})

    (row,) = [row for row in deliveries(dora, webhook) if row["type"] == "download:completed"]
    again = dora.post(f"webhooks/{webhook['id']}/deliveries/{row['id']}/redeliver/")
    assert again.status_code == 202
    until(lambda: len(receiver.of("download:completed")) == 2)
    assert {each.id for each in receiver.of("download:completed")} == {row["messageId"]}


def test_killed_between_the_claim_and_the_answer(
    stack: Stack, dora: Person, origin: Origin, receiver: Receiver
) -> None:
    receiver.reply = then_hang()
    webhook = told_to(dora, receiver, events=["download:cancelled"])
    origin.serve("/endless.bin", content(MIB), rate=1024)
    asked = dora.ask(origin.url("/endless.bin"))
    dora.post(f"downloads/{asked['id']}/cancel/")
    until(lambda: receiver.got)
    stack.kill_worker()
    receiver.reply = OK
    (row,) = deliveries(dora, webhook)
    assert (row["status"], row["attempts"], row["responseStatus"]) == ("pending", 1, None)

    # what would take half a minute: the claim and the turn of the dead end
    stack.shell(_TIME_PASSES)
    until(lambda: deliveries(dora, webhook)[0]["status"] == "succeeded", 30)
    assert [got.id for got in receiver.got] == [row["messageId"]] * 2
    assert deliveries(dora, webhook)[0]["attempts"] == 2
    stack.one("celery")


def test_without_redis(stack: Stack, dora: Person, origin: Origin, receiver: Receiver) -> None:
    told_to(dora, receiver, events=["download:queued", "download:cancelled"])
    origin.serve("/later.bin", content(MIB))
    stack.hold_redis()
    try:
        asked = dora.ask(origin.url("/later.bin"))
        dora.post(f"downloads/{asked['id']}/cancel/")
        until(lambda: sorted(receiver.types) == ["download:cancelled", "download:queued"])
    finally:
        stack.release_redis()
    stack.one("valkey-server")


_TIME_PASSES = """
from django.db.models.functions import Now
from downloads.models import MaintenanceTurn, WebhookDelivery
WebhookDelivery.objects.filter(status="pending").update(next_attempt_at=Now())
MaintenanceTurn.objects.update(expires_at=Now())
"""
