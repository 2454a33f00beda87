"""At rest: encrypted, readable after a rotation with a fallback, and never without."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from downloads.models import SiteCookies
from downloads.network import credentials
from downloads.network.encryption import EncryptionContext, Unreadable, decrypt, encrypt
from tests.network.jars import SECRET, keep
from tests.support.ledger import person

ROW = EncryptionContext("cookies", (1, "example.com"))


def test_there_and_back() -> None:
    sealed = encrypt(SECRET, ROW)
    assert SECRET not in sealed
    assert decrypt(sealed, ROW) == SECRET
    assert encrypt(SECRET, ROW) != sealed


@pytest.mark.parametrize(
    "other",
    [
        EncryptionContext("webhook", ROW.row),
        EncryptionContext("cookies", (2, "example.com")),
        EncryptionContext("cookies", (1, "example.org")),
        EncryptionContext("cookies", ("1, example.com",)),
        EncryptionContext("cookies", (1,)),
    ],
)
def test_another_context_reads_nothing(other: EncryptionContext) -> None:
    with pytest.raises(Unreadable):
        decrypt(encrypt(SECRET, ROW), other)


def test_a_rotated_key(settings: Any) -> None:
    sealed, old = encrypt(SECRET, ROW), settings.SECRET_KEY
    settings.SECRET_KEY = "another key, as long as one should be, and new"
    with pytest.raises(Unreadable):
        decrypt(sealed, ROW)
    settings.SECRET_KEY_FALLBACKS = [old]
    assert decrypt(sealed, ROW) == SECRET


@pytest.mark.parametrize("damaged", ["", "x", "gAAAAA", "gAAA", "A" * 400, "\u00e4\0", "\ud800"])
def test_what_is_damaged(damaged: str) -> None:
    with pytest.raises(Unreadable):
        decrypt(damaged, ROW)


@pytest.mark.django_db
def test_no_column_holds_a_value() -> None:
    row = keep(person("alice"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM downloads_sitecookies")
        assert SECRET not in str(cursor.fetchall())
    assert SECRET not in str(row) + repr(vars(row))


@pytest.mark.django_db
def test_a_rotated_key_says_to_add_them_again(settings: Any) -> None:
    alice = person("alice")
    row = keep(alice, "example.com")
    settings.SECRET_KEY = "another key, as long as one should be, and new"
    assert credentials.health_of(row) is credentials.CookieHealth.UNREADABLE
    assert "Add them again" in credentials.advice(credentials.health_of(row), row.site)
    assert credentials.owner_for(alice.pk, "https://example.com/") is None
    assert credentials.cookies_for(alice.pk, "https://example.com/").text == ""
    assert "Add them again, then retry." in credentials.login_advice(
        alice.pk, "https://example.com/"
    )
    assert SiteCookies.objects.count() == 1
