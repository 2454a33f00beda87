"""Idempotency-Key: one key, one answer, one row; also when two come at once."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from downloads import services
from downloads.models import Download, IdempotencyKey
from tests.api.arrange import DOWNLOADS, address, code
from tests.api.conftest import client_of
from tests.support.ledger import person, url


def post(client: Any, body: Any, key: str) -> Any:
    return client.post(DOWNLOADS, body, headers={"Idempotency-Key": key})


def test_the_same_answer(as_alice: Any) -> None:
    at = url()
    first = post(as_alice, {"url": at, "quality": "auto"}, "k")
    again = post(as_alice, {"quality": "auto", "url": at}, "k")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert first["Location"] == again["Location"]
    assert Download.objects.count() == 1


def test_the_same_answer_although_the_world_went_on(as_alice: Any) -> None:
    body = {"url": url()}
    first = post(as_alice, body, "k")
    as_alice.delete(first["Location"])
    again = post(as_alice, body, "k")
    assert (again.status_code, again.json()) == (201, first.json())
    assert Download.objects.count() == 0


def test_a_key_is_the_users_own(as_alice: Any, as_bob: Any) -> None:
    body = {"url": url()}
    assert post(as_alice, body, "k").json()["id"] != post(as_bob, body, "k").json()["id"]


def test_another_body(as_alice: Any) -> None:
    post(as_alice, {"url": url()}, "k")
    assert code(post(as_alice, {"url": url()}, "k")) == (422, "idempotency_key_reused")
    assert Download.objects.count() == 1


def test_a_refusal_does_not_use_the_key_up(as_alice: Any) -> None:
    assert post(as_alice, {"url": "none"}, "k").status_code == 400
    assert IdempotencyKey.objects.count() == 0
    assert post(as_alice, {"url": url()}, "k").status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 256, "h\u00e4", "a\tb"], ids=ascii)
def test_a_key_that_cannot_be_kept(as_alice: Any, key: str) -> None:
    assert code(post(as_alice, {"url": url()}, key)) == (400, "invalid_idempotency_key")
    assert Download.objects.count() == 0


def test_the_longest_key(as_alice: Any) -> None:
    assert post(as_alice, {"url": url()}, "x" * 255).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_eight_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """All are past the look for the key before one of them writes it."""
    alice, at, answers = person("alice"), url(), []
    ready = threading.Barrier(8)
    looked = threading.local()
    inside: list[None] = []
    clients = [client_of(alice) for _ in range(8)]
    real = services.request

    def counted(*args: Any, **fields: Any) -> Any:
        inside.append(None)
        return real(*args, **fields)

    def wait_after_the_look(execute: Any, sql: str, *rest: Any) -> Any:
        result = execute(sql, *rest)
        if "idempotencykey" in sql and sql.startswith("SELECT") and not hasattr(looked, "once"):
            looked.once = True
            ready.wait(10)
        return result

    def ask(client: Any) -> None:
        try:
            with connection.execute_wrapper(wait_after_the_look):
                answers.append(post(client, {"url": at}, "k"))
        finally:
            connection.close()

    monkeypatch.setattr(services, "request", counted)
    threads = [threading.Thread(target=ask, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [answer.status_code for answer in answers] == [201] * 8
    assert all(answer.json() == answers[0].json() for answer in answers)
    assert Download.objects.count() == IdempotencyKey.objects.count() == len(inside) == 1
    assert clients[0].get(address(Download.objects.get())).status_code == 200
