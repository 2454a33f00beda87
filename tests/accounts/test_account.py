"""The account page: what is used, the password, and tokens that are shown once."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken

from downloads.models import Rendition
from tests.accounts.conftest import PASSWORD
from tests.support.ledger import ask, person

ACCOUNT = "/accounts/"
TOKENS = "/accounts/tokens/"


def text(answer: Any) -> str:
    return str(answer.content.decode())


def create(client: Client, lifetime: str = "30") -> str:
    answer = client.post(TOKENS, {"lifetime": lifetime})
    assert answer.status_code == 201
    assert "no-store" in answer["Cache-Control"]
    (token,) = re.findall(r'value="(ferry_\w{30,})"', text(answer))
    return str(token)


@pytest.mark.parametrize("path", [ACCOUNT, "/accounts/password/"])
def test_it_is_for_who_is_signed_in(client: Client, db: None, path: str) -> None:
    assert client.get(path)["Location"] == f"/accounts/login/?next={path}"


def test_it_says_how_much_of_the_quota_is_used(as_alice: Client, alice: Any) -> None:
    assert "0 bytes used, no limit" in text(as_alice.get(ACCOUNT))
    alice.storage_quota = 20 * 10**9
    alice.save()
    ask(alice)
    Rendition.objects.update(bytes_total=5_000_000_000)

    page = text(as_alice.get(ACCOUNT))

    assert "5 GB of 20 GB used" in page
    assert 'aria-valuenow="25"' in page


def test_a_quota_of_nothing_is_full(as_alice: Client, alice: Any) -> None:
    alice.storage_quota = 0
    alice.save()

    assert 'aria-valuenow="100"' in text(as_alice.get(ACCOUNT))


def test_a_token_works_and_is_shown_once(as_alice: Client, client: Client, alice: Any) -> None:
    token = create(as_alice)

    answer = client.get("/api/v1/downloads/", HTTP_AUTHORIZATION=f"Bearer {token}")

    assert answer.status_code == 200
    assert token not in text(as_alice.get(ACCOUNT))
    left = AuthToken.objects.get(user=alice).expiry - timezone.now()
    assert timedelta(days=29) < left <= timedelta(days=30)


def test_a_token_may_live_until_it_is_revoked(as_alice: Client) -> None:
    create(as_alice, "never")

    assert AuthToken.objects.get().expiry is None


def test_a_revoked_token_opens_nothing(as_alice: Client, client: Client) -> None:
    token = create(as_alice)

    as_alice.post(f"{TOKENS}revoke/", {"token": AuthToken.objects.get().digest})

    answer = client.get("/api/v1/downloads/", HTTP_AUTHORIZATION=f"Bearer {token}")
    assert answer.status_code == 401


def test_no_user_sees_or_revokes_anothers_token(as_alice: Client) -> None:
    theirs, _ = AuthToken.objects.create(person("bob"))

    assert theirs.token_key not in text(as_alice.get(ACCOUNT))
    as_alice.post(f"{TOKENS}revoke/", {"token": theirs.digest})
    assert AuthToken.objects.count() == 1


@pytest.mark.parametrize("lifetime", ["", "999", "forever"])
def test_an_unknown_lifetime_is_refused(as_alice: Client, lifetime: str) -> None:
    assert as_alice.post(TOKENS, {"lifetime": lifetime}).status_code == 400
    assert not AuthToken.objects.exists()


def test_the_password_changes_and_the_session_stays(as_alice: Client, alice: Any) -> None:
    new = "another long evening"

    answer = as_alice.post(
        "/accounts/password/",
        {"old_password": PASSWORD, "new_password1": new, "new_password2": new},
    )

    assert answer["Location"] == ACCOUNT
    assert "Password changed." in text(as_alice.get(ACCOUNT))
    alice.refresh_from_db()
    assert alice.check_password(new)
