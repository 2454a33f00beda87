from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tests.accounts.conftest import PASSWORD

LOGIN = "/accounts/login/"


def sign_in(client: Client, password: str = PASSWORD, **fields: str) -> Any:
    return client.post(LOGIN, {"username": "alice", "password": password, **fields})


def test_the_page_has_the_names_of_the_contract(client: Client, db: None) -> None:
    page = client.get(LOGIN).content.decode()

    assert '<label for="id_username">Username</label>' in page
    assert '<label for="id_password">Password</label>' in page
    assert ">Sign in</button>" in page


def test_signing_in_leads_to_the_downloads(client: Client, alice: Any) -> None:
    assert sign_in(client)["Location"] == "/"
    assert client.get("/").status_code == 200


def test_next_is_followed(client: Client, alice: Any) -> None:
    assert sign_in(client, next="/?tab=failed")["Location"] == "/?tab=failed"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"],
)
def test_next_never_leads_to_another_site(client: Client, alice: Any, elsewhere: str) -> None:
    assert sign_in(client, next=elsewhere)["Location"] == "/"


def test_a_wrong_password_is_said_in_a_sentence(client: Client, alice: Any) -> None:
    answer = sign_in(client, "wrong")

    assert "The username or the password is wrong." in answer.content.decode()


def test_a_stranger_learns_nothing_about_names(client: Client, alice: Any) -> None:
    known = sign_in(client, "wrong")
    unknown = client.post(LOGIN, {"username": "absent", "password": "wrong"})

    def sentence(answer: Any) -> Any:
        return answer.context["form"].non_field_errors()

    assert sentence(known) == sentence(unknown)


def test_too_many_attempts_are_refused_with_when_to_come_back(client: Client, alice: Any) -> None:
    for _ in range(settings.AXES_FAILURE_LIMIT):
        answer = sign_in(client, "wrong")

    assert answer.status_code == 429
    assert "Wait 15 minutes, then try again." in answer.content.decode()
    assert sign_in(client).status_code == 429  # the right one too


def test_signing_out_takes_a_post(as_alice: Client) -> None:
    assert as_alice.get("/accounts/logout/").status_code == 405
    assert as_alice.get("/").status_code == 200

    assert as_alice.post("/accounts/logout/")["Location"] == LOGIN
    assert as_alice.get("/").status_code == 302


def test_who_is_signed_in_needs_no_page_for_it(as_alice: Client) -> None:
    assert as_alice.get(LOGIN)["Location"] == "/"
