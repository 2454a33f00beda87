"""Quotas in the admin are typed and shown with a unit."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.models import User
from accounts.sizes import SizeField, size_with_unit
from tests.support.ledger import person


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 B"),
        (1000, "1 kB"),
        (1001, "1001 B"),
        (1024, "1 KiB"),
        (20 * 2**30, "20 GiB"),
        (3 * 2**29, "1.5 GiB"),
        (500_000_000, "500 MB"),
        (2**40, "1 TiB"),
    ],
)
def test_what_is_shown_can_be_given_back(size: int, words: str) -> None:
    assert size_with_unit(size) == words
    assert SizeField().clean(words) == size


@pytest.mark.parametrize("typed", ["many", "-1", "1 parsec"])
def test_what_is_no_size_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError, match="size"):
        SizeField().clean(typed)


def test_staff_sets_a_quota_in_gib(client: Client, alice: Any) -> None:
    root = person("root", is_staff=True, is_superuser=True)
    client.force_login(root, backend="django.contrib.auth.backends.ModelBackend")
    address = f"/admin/accounts/user/{alice.pk}/change/"
    form = client.get(address).context["adminform"].form
    joined = alice.date_joined
    typed = {
        "username": "alice",
        "date_joined_0": f"{joined:%F}",
        "date_joined_1": f"{joined:%T}",
        "is_active": "on",
        "storage_quota": "20 GiB",
    }

    answer = client.post(address, typed)

    assert form["storage_quota"].value() is None
    assert answer.status_code == 302, answer.context["errors"]
    assert User.objects.get(pk=alice.pk).storage_quota == 20 * 2**30
    assert 'value="20 GiB"' in client.get(address).content.decode()
    assert "20 GiB" in client.get("/admin/accounts/user/").content.decode()


def test_staff_adds_a_user(client: Client, db: None) -> None:
    root = person("root", is_staff=True, is_superuser=True)
    client.force_login(root, backend="django.contrib.auth.backends.ModelBackend")

    client.post(
        "/admin/accounts/user/add/",
        {
            "username": "bob",
            "usable_password": "true",
            "password1": "a long evening",
            "password2": "a long evening",
        },
    )

    assert User.objects.get(username="bob").check_password("a long evening")
