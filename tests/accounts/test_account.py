"""The account page: what is used, the password, and tokens that are shown once."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken

from accounts.tokens import MOST_TOKENS
from downloads.models import Rendition
from tests.accounts.conftest import PASSWORD
from tests.support.ledger import ask, person

ACCOUNT = "/accounts/"
TOKENS = "/accounts/tokens/"


def text(answer: Any) -> str:
    return str(answer.content.decode())


def create(client: Client, lifetime: str = "30") -> str:
    answer = client.post(TOKENS, {"lifetime": lifetime, "password": PASSWORD})
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
    assert as_alice.post(TOKENS, {"lifetime": lifetime, "password": PASSWORD}).status_code == 400
    assert not AuthToken.objects.exists()


NEW = "another long evening"


def change(client: Client, old: str = PASSWORD, **fields: str) -> Any:
    wanted = {"old_password": old, "new_password1": NEW, "new_password2": NEW}
    return client.post("/accounts/password/", {**wanted, **fields})


def test_the_password_changes_and_the_session_stays(as_alice: Client, alice: Any) -> None:
    assert change(as_alice)["Location"] == ACCOUNT
    assert "Password changed." in text(as_alice.get(ACCOUNT))
    alice.refresh_from_db()
    assert alice.check_password(NEW)


def test_a_changed_password_ends_the_tokens(as_alice: Client, alice: Any) -> None:
    theirs, _ = AuthToken.objects.create(person("bob"))
    AuthToken.objects.create(alice)
    change(as_alice)
    assert list(AuthToken.objects.all()) == [theirs]


def test_tokens_are_kept_if_the_user_says_so(as_alice: Client, alice: Any) -> None:
    AuthToken.objects.create(alice)
    change(as_alice, keep_tokens="on")
    assert AuthToken.objects.count() == 1


def test_a_password_set_by_an_administrator_ends_the_tokens(
    admin_client: Client, alice: Any
) -> None:
    AuthToken.objects.create(alice)
    wanted = {"usable_password": "true", "password1": NEW, "password2": NEW}
    answer = admin_client.post(f"/admin/accounts/user/{alice.pk}/password/", wanted)
    assert answer.status_code == 302
    assert not AuthToken.objects.exists()


def test_a_password_set_by_the_command_ends_the_tokens(alice: Any) -> None:
    AuthToken.objects.create(alice)
    alice.set_password(NEW)
    alice.save()
    assert not AuthToken.objects.exists()


def test_another_change_ends_none(as_alice: Client, alice: Any, client: Client) -> None:
    AuthToken.objects.create(alice)
    alice.email = "alice@example.org"
    alice.save()
    client.post("/accounts/login/", {"username": "alice", "password": PASSWORD})
    assert AuthToken.objects.count() == 1


def test_a_token_takes_the_password(as_alice: Client) -> None:
    for password in ("", "wrong"):
        answer = as_alice.post(TOKENS, {"lifetime": "30", "password": password})
        assert answer.status_code == 400
    assert not AuthToken.objects.exists()


@pytest.mark.parametrize("form", ["password", "token", "admin"])
def test_guesses_at_the_current_password_are_counted(
    as_alice: Client, client: Client, alice: Any, settings: Any, form: str
) -> None:
    alice.is_staff = True
    alice.save()

    def guess(old: str) -> int:
        if form == "token":
            return as_alice.post(TOKENS, {"lifetime": "30", "password": old}).status_code
        if form == "admin":
            wanted = {"old_password": old, "new_password1": NEW, "new_password2": NEW}
            answer = as_alice.post("/admin/password_change/", wanted)
            assert answer["Location"] == "/accounts/password/"
        return int(change(as_alice, old).status_code)

    statuses = [guess("wrong") for _ in range(settings.AXES_FAILURE_LIMIT)]
    assert statuses[-1] == 429
    assert guess(PASSWORD) == 429
    assert not AuthToken.objects.exists()
    signed_in = client.post("/accounts/login/", {"username": "alice", "password": PASSWORD})
    assert signed_in.status_code == 429


def test_a_user_has_so_many_tokens(as_alice: Client, client: Client, alice: Any) -> None:
    for _ in range(MOST_TOKENS):
        last, _ = AuthToken.objects.create(alice)
    login = {"username": "alice", "password": PASSWORD}
    answer = client.post("/api/v1/auth/login/", login, content_type="application/json")
    assert answer.status_code == 200
    assert AuthToken.objects.count() == MOST_TOKENS
    assert AuthToken.objects.filter(pk=last.pk).exists()  # the oldest has ended

    AuthToken.objects.update(expiry=None)
    answer = as_alice.post(TOKENS, {"lifetime": "30", "password": PASSWORD})
    assert answer.status_code == 400
    assert "Revoke one first." in text(answer)
