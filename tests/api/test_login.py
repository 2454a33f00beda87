"""auth/: a token for a name and a password; wrong ones, too many of them; its end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from knox.models import AuthToken
from rest_framework.test import APIClient

from tests.api.arrange import DOWNLOADS, code, first_error
from tests.support.ledger import person, url

LOGIN = "/api/v1/auth/login/"
LOGOUT = "/api/v1/auth/logout/"
RIGHT = {"username": "alice", "password": "correct horse"}
WRONG = {"username": "alice", "password": "battery staple"}


def test_a_token(anyone: Any, alice: Any) -> None:
    response = anyone.post(LOGIN, RIGHT)
    assert response.status_code == 200
    assert set(response.json()) == {"token", "expiry"}
    expiry = parse_datetime(response.json()["expiry"])
    assert expiry is not None
    assert expiry > timezone.now() + timedelta(days=1)
    token = response.json()["token"]
    assert anyone.get(DOWNLOADS, headers={"Authorization": f"Bearer {token}"}).status_code == 200
    assert not AuthToken.objects.filter(digest=token).exists()


@pytest.mark.parametrize("stale", ["Bearer ferry_gone", "Bearer", "Basic YTpi"])
def test_a_stale_token_does_not_stand_in_the_way(anyone: Any, alice: Any, stale: str) -> None:
    assert anyone.post(LOGIN, RIGHT, headers={"Authorization": stale}).status_code == 200


def test_a_wrong_password(anyone: Any, alice: Any) -> None:
    response = anyone.post(LOGIN, WRONG)
    assert code(response) == (401, "authentication_failed")
    assert response["WWW-Authenticate"] == "Bearer"
    assert AuthToken.objects.count() == 0


def test_an_unknown_name_reads_the_same(anyone: Any, alice: Any) -> None:
    unknown = anyone.post(LOGIN, {**RIGHT, "username": "mallory"})
    wrong = anyone.post(LOGIN, WRONG)
    assert (unknown.status_code, unknown.json()) == (wrong.status_code, wrong.json())


def test_who_is_not_active_any_more(anyone: Any, as_alice: Any, alice: Any) -> None:
    alice.is_active = False
    alice.save()
    assert code(anyone.post(LOGIN, RIGHT)) == (401, "authentication_failed")
    assert code(as_alice.get(DOWNLOADS)) == (401, "authentication_failed")


def test_too_many_wrong_ones(anyone: Any, alice: Any) -> None:
    person("bob")
    answers = [anyone.post(LOGIN, WRONG) for _ in range(settings.AXES_FAILURE_LIMIT + 1)]
    assert answers[0].status_code == 401
    assert code(answers[-1])[0] == 429
    assert int(answers[-1]["Retry-After"]) > 0
    assert code(anyone.post(LOGIN, RIGHT))[0] == 429
    # no other is locked out: not another name, nor the same from another address
    assert anyone.post(LOGIN, {**RIGHT, "username": "bob"}).status_code == 200
    assert anyone.post(LOGIN, RIGHT, REMOTE_ADDR="192.0.2.1").status_code == 200


@pytest.mark.parametrize(
    ("body", "attr", "wanted"),
    [
        ({}, "username", "required"),
        ({"username": "alice"}, "password", "required"),
        ({"username": "a\0", "password": "x"}, "username", "null_characters_not_allowed"),
        ({"username": "alice", "password": "\0"}, "password", "null_characters_not_allowed"),
        ({"username": "alice", "password": 5}, "password", "invalid"),
        ({"username": "a" * 151, "password": "x"}, "username", "max_length"),
        ({"username": "alice", "password": "x" * 5000}, "password", "max_length"),
        ([], None, "invalid"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_bad_input(anyone: Any, alice: Any, body: Any, attr: str | None, wanted: str) -> None:
    response = anyone.post(LOGIN, body, format="json")
    error = first_error(response)
    assert (response.status_code, error["attr"], error["code"]) == (400, attr, wanted)


def test_logout_ends_that_token_alone(anyone: Any, as_alice: Any, alice: Any) -> None:
    token = anyone.post(LOGIN, RIGHT).json()["token"]
    bearer = {"Authorization": f"Bearer {token}"}
    response = anyone.post(LOGOUT, headers=bearer)
    assert (response.status_code, response.content) == (204, b"")
    assert code(anyone.get(DOWNLOADS, headers=bearer)) == (401, "authentication_failed")
    assert as_alice.get(DOWNLOADS).status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic YTpi",
        "Bearer",
        "Bearer a b",
        "Bearer nonsense",
        "Bearer \0",
        "Bearer ferry_123456789\0",
        "Bearer \xff\xfe",
        "Bearer " + "x" * 5000,
    ],
    ids=ascii,
)
@pytest.mark.parametrize("at", [DOWNLOADS, LOGOUT, "/api/v1/queue/", "/api/v1/content/"])
def test_without_a_good_token(anyone: Any, db: None, header: str, at: str) -> None:
    send = anyone.post if at == LOGOUT else anyone.get
    response = send(at, headers={"Authorization": header} if header else {})
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"
    assert first_error(response)["code"] in ("not_authenticated", "authentication_failed")


def test_an_expired_token(anyone: Any, alice: Any) -> None:
    _, token = AuthToken.objects.create(alice, expiry=timedelta(seconds=-1))
    response = anyone.get(DOWNLOADS, headers={"Authorization": f"Bearer {token}"})
    assert code(response) == (401, "authentication_failed")
    assert not AuthToken.objects.exists()


def test_an_inactive_user(anyone: Any, alice: Any) -> None:
    _, token = AuthToken.objects.create(alice)
    type(alice).objects.update(is_active=False)
    response = anyone.get(DOWNLOADS, headers={"Authorization": f"Bearer {token}"})
    assert code(response) == (401, "authentication_failed")


def test_who_asks_is_known_by_one_query(
    anyone: Any, alice: Any, django_assert_num_queries: Any
) -> None:
    """However many tokens a user has."""
    tokens = [AuthToken.objects.create(alice)[1] for _ in range(20)]
    with django_assert_num_queries(2):  # and one of the list
        anyone.get(DOWNLOADS, headers={"Authorization": f"Bearer {tokens[7]}"})


def test_a_session_needs_the_csrf_token(alice: Any) -> None:
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(alice)
    assert browser.get(DOWNLOADS).status_code == 200
    assert code(browser.post(DOWNLOADS, {"url": url()})) == (403, "permission_denied")
    browser.get("/accounts/login/")
    browser.cookies["csrftoken"] = token = "x" * 32
    allowed = browser.post(DOWNLOADS, {"url": url()}, headers={"X-CSRFToken": token})
    assert allowed.status_code == 201


def test_a_session_cannot_end_a_token(alice: Any) -> None:
    browser = APIClient()
    browser.force_login(alice)
    assert code(browser.post(LOGOUT)) == (401, "not_authenticated")
