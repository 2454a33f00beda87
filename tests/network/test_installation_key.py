"""One SECRET_KEY for an installation: another one refuses to start, unless it is rotated."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import call_command

from config.start_error import StartError
from downloads.models import (
    Content,
    HostRule,
    InstallationFact,
    PlaylistEntry,
    Rendition,
    SiteCookies,
    Webhook,
)
from downloads.network.encryption import Unreadable, decrypt, encrypt
from downloads.network.installation_key import check_key
from downloads.services.key_rotation import ENCRYPTED, rotate_key
from tests.network.jars import keep
from tests.support.ledger import person

pytestmark = pytest.mark.django_db

NEW = "another key, as long as one should be, and new"


def test_the_first_start_writes_it_down_and_the_next_finds_it(settings: Any) -> None:
    check_key()
    check_key()
    assert settings.SECRET_KEY not in InstallationFact.objects.get().value


def test_another_key_refuses_to_start(settings: Any) -> None:
    check_key()
    settings.SECRET_KEY = NEW
    with pytest.raises(StartError) as refused:
        check_key()
    assert "SECRET_KEY" in str(refused.value)
    assert "rotate_key" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_key_with_the_old_one_as_its_fallback_starts(settings: Any) -> None:
    check_key()
    old, settings.SECRET_KEY = settings.SECRET_KEY, NEW
    settings.SECRET_KEY_FALLBACKS = [old]
    check_key()


def test_a_rotation_ends_the_old_key(settings: Any) -> None:
    check_key()
    alice = person("alice")
    cookies = keep(alice, "example.com")
    _sealed(Webhook(user=alice, url="https://hook.example"))
    _sealed(HostRule(host="media.example"))
    content = _sealed(Content(source_url="https://media.example/1", credential_owner=alice))
    _sealed(PlaylistEntry(content=content, position=1, url="https://media.example/2"))
    _sealed(Rendition(content=content, quality="auto"), "resolution")
    was = SiteCookies.objects.get(pk=cookies.pk).ciphertext
    old, settings.SECRET_KEY = settings.SECRET_KEY, NEW
    settings.SECRET_KEY_FALLBACKS = [old]
    out = io.StringIO()
    call_command("rotate_key", stdout=out)
    assert "6 secrets" in out.getvalue()
    settings.SECRET_KEY_FALLBACKS = []
    check_key()
    for model, column in ENCRYPTED:
        assert _opened(model.objects.get(), column)
    settings.SECRET_KEY = old
    with pytest.raises(StartError):
        check_key()
    with pytest.raises(Unreadable):
        _opened(SiteCookies.objects.get())
    assert was != SiteCookies.objects.get().ciphertext


def test_a_rotation_may_be_repeated_and_tells_what_no_key_opens(settings: Any) -> None:
    keep(person("alice"), "example.com")
    SiteCookies.objects.update(ciphertext="gAAAAA")
    for _ in range(2):
        done = rotate_key()
        assert (done.rotated, done.unreadable) == (0, 1)


def test_a_mistyped_key_is_not_rotated_to(settings: Any) -> None:
    check_key()
    settings.SECRET_KEY = NEW
    with pytest.raises(StartError):
        call_command("rotate_key")


def test_every_column_of_ciphertext_is_rotated() -> None:
    from django.apps import apps

    encrypted = {
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.fields
        if field.name == "ciphertext" or field.help_text.endswith("encrypted.")
    }
    assert encrypted == set(ENCRYPTED)


def _sealed(row: Any, column: str = "ciphertext") -> Any:
    setattr(row, column, encrypt("a secret", ENCRYPTED[type(row), column](row)))
    row.save()
    return row


def _opened(row: Any, column: str = "ciphertext") -> str:
    return decrypt(getattr(row, column), ENCRYPTED[type(row), column](row))
