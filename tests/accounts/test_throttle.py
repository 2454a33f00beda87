"""One address does not try a password on many names, nor make many accounts."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from django.test import Client

from accounts import throttle
from config.parsing import trusted_proxies
from tests.accounts.conftest import PASSWORD

API = "/api/v1/auth/login/"
PAGE = "/accounts/login/"
ADMIN = "/admin/login/"


def spray(client: Client, at: str, count: int, **extra: Any) -> list[int]:
    """The statuses of wrong passwords for so many names."""
    kind = {"content_type": "application/json"} if at == API else {}
    return [
        client.post(at, {"username": f"n{n}", "password": "x"}, **kind, **extra).status_code
        for n in range(count)
    ]


@pytest.mark.parametrize("at", [API, PAGE, ADMIN])
def test_a_password_on_many_names_is_throttled(client: Client, alice: Any, at: str) -> None:
    assert 429 not in spray(client, at, settings.SIGN_IN_FAILURES_OF_ADDRESS)
    assert spray(client, at, 3) == [429, 429, 429]
    right = {"username": "alice", "password": PASSWORD}
    assert client.post(PAGE, right).status_code == 429  # the address, with any name
    assert client.post(PAGE, right, REMOTE_ADDR="192.0.2.9").status_code == 302


def test_a_name_that_gets_in_does_not_reset_it(client: Client, alice: Any) -> None:
    right = {"username": "alice", "password": PASSWORD}
    for _ in range(3):
        spray(client, PAGE, settings.SIGN_IN_FAILURES_OF_ADDRESS // 3)
        Client().post(PAGE, right)
    assert spray(client, PAGE, 1) == [429]


def test_addresses_of_one_subscriber_are_one(client: Client, db: None) -> None:
    for n in range(settings.SIGN_IN_FAILURES_OF_ADDRESS):
        spray(client, PAGE, 1, REMOTE_ADDR=f"2001:db8::{n:x}")
    assert spray(client, PAGE, 1, REMOTE_ADDR="2001:db8::ffff") == [429]
    assert spray(client, PAGE, 1, REMOTE_ADDR="2001:db8:0:1::1") == [200]


def test_behind_an_unknown_proxy_nobody_pays_for_others(
    client: Client, alice: Any, settings: Any
) -> None:
    settings.BEHIND_HTTPS_PROXY = True
    assert 429 not in spray(client, PAGE, settings.SIGN_IN_FAILURES_OF_ADDRESS + 1)
    settings.TRUSTED_PROXIES = trusted_proxies("10.0.0.1")
    assert spray(client, PAGE, 1) == [429]


def test_a_forwarded_address_of_a_stranger_does_not_help(client: Client, db: None) -> None:
    for n in range(settings.SIGN_IN_FAILURES_OF_ADDRESS):
        spray(client, PAGE, 1, HTTP_X_FORWARDED_FOR=f"203.0.113.{n}")
    assert spray(client, PAGE, 1, HTTP_X_FORWARDED_FOR="203.0.113.99") == [429]


class SlowHasher(MD5PasswordHasher):
    """Takes a while; how many hashes there were, and at once at most."""

    lock = threading.Lock()
    running = hashes = at_once = 0

    def encode(self, password: str, salt: str) -> str:
        kind = type(self)
        with self.lock:
            kind.running += 1
            kind.hashes, kind.at_once = kind.hashes + 1, max(kind.at_once, kind.running)
        time.sleep(0.05)
        with self.lock:
            kind.running -= 1
        return super().encode(password, salt)


@pytest.mark.django_db(transaction=True)
def test_a_crowd_is_hashed_a_few_at_a_time(settings: Any) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.SlowHasher"]
    statuses: list[int] = []

    def guess() -> None:
        try:
            statuses.extend(spray(Client(), PAGE, 1))
        finally:
            connection.close()

    crowd = [threading.Thread(target=guess) for _ in range(40)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()

    assert 0 < SlowHasher.at_once <= throttle.HASHED_AT_ONCE
    # the others were locked out while they waited
    assert SlowHasher.hashes <= settings.AXES_FAILURE_LIMIT + 5
    assert statuses.count(429) >= 20


def test_a_turn_is_not_waited_for_for_ever(
    client: Client, alice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "_turns", threading.BoundedSemaphore(1))
    monkeypatch.setattr(throttle, "HASHED_WITHIN", 0.05)
    right = {"username": "alice", "password": PASSWORD}
    with throttle._turns:
        answer = client.post(API, right, content_type="application/json")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (503, "busy")
    assert AccessAttempt.objects.count() == 0
    assert client.post(API, right, content_type="application/json").status_code == 200


def test_one_address_makes_a_few_accounts(settings: Any, db: None) -> None:
    settings.SIGNUP_OPEN = True

    def sign_up(name: str, address: str = "192.0.2.1") -> int:
        password = "a long evening"
        fields = {"username": name, "password1": password, "password2": password}
        return Client().post("/accounts/signup/", fields, REMOTE_ADDR=address).status_code

    assert [sign_up(f"n{n}") for n in range(throttle.SIGN_UPS + 1)] == [302] * 5 + [429]
    assert get_user_model().objects.count() == throttle.SIGN_UPS
    assert sign_up("another", "192.0.2.2") == 302
