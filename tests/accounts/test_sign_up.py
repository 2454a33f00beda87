from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import User

SIGN_UP = "/accounts/signup/"
FORM = {"username": "bob", "password1": "a long evening", "password2": "a long evening"}


@pytest.fixture
def is_open(settings: Any) -> None:
    settings.SIGNUP_OPEN = True


def test_closed_there_is_no_such_page(client: Client, db: None) -> None:
    assert client.get(SIGN_UP).status_code == 404
    assert client.post(SIGN_UP, FORM).status_code == 404
    assert SIGN_UP not in client.get("/accounts/login/").content.decode()
    assert not User.objects.exists()


def test_open_it_makes_an_account_without_rights(client: Client, db: None, is_open: None) -> None:
    assert SIGN_UP in client.get("/accounts/login/").content.decode()

    answer = client.post(SIGN_UP, FORM | {"next": "/?tab=failed", "is_staff": "1"})

    assert answer["Location"] == "/?tab=failed"
    assert not User.objects.get(username="bob").is_staff
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"password2": "another"},
        {"password1": "12345", "password2": "12345"},
        {"username": "a b"},
        {"username": ""},
        {"username": "ALICE"},
    ],
)
def test_what_is_wrong_is_said(
    client: Client, alice: Any, is_open: None, wrong: dict[str, str]
) -> None:
    answer = client.post(SIGN_UP, FORM | wrong)

    assert answer.status_code == 200
    assert 'class="errorlist"' in answer.content.decode()


def test_next_never_leads_to_another_site(client: Client, db: None, is_open: None) -> None:
    assert client.post(SIGN_UP, FORM | {"next": "//evil.example"})["Location"] == "/"
