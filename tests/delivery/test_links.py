"""Signed links: no login, but nothing that was not signed, and nothing after its time."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.core import signing
from django.db.models.functions import Now
from django.urls import resolve
from pytest_django.fixtures import Settings

from downloads.delivery.links import LinkExpired, LinkTampered, sign, verify
from downloads.models import Download
from tests.delivery.files import BYTES, completed, fetch
from tests.support.ledger import ask, person

pytestmark = pytest.mark.usefixtures("media")

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
ID = uuid.UUID(int=7)


def token_of(path: str) -> str:
    return str(resolve(path).kwargs["token"])


def test_a_link_opens_its_download_until_its_end() -> None:
    link = sign(ID, 60, filename="A film.mp4", now=lambda: NOW)
    assert link.expires_at == NOW + timedelta(seconds=60)
    assert link.path.endswith("/A%20film.mp4")
    token = token_of(link.path)
    assert verify(token, "A film.mp4", now=lambda: NOW + timedelta(seconds=59)) == ID
    with pytest.raises(LinkExpired):
        verify(token, "A film.mp4", now=lambda: NOW + timedelta(seconds=60))


def test_every_changed_character_is_noticed() -> None:
    token = token_of(sign(ID, 60).path)
    for place, old in enumerate(token):
        changed = token[:place] + ("A" if old != "A" else "B") + token[place + 1 :]
        with pytest.raises(LinkTampered):
            verify(changed, "download")


@pytest.mark.parametrize("token", ["", ".", "x", "a.b.c", "\u00e9", "A" * 10_000])
def test_what_is_no_token_is_tampered(token: str) -> None:
    with pytest.raises(LinkTampered):
        verify(token)


def test_a_signature_for_another_use_is_no_link() -> None:
    payload = token_of(sign(ID, 60).path).rpartition(".")[0]
    for salt in ("django.core.signing", "sessions"):
        with pytest.raises(LinkTampered):
            verify(signing.Signer(salt=salt, sep=".").sign(payload))


def test_another_site_s_key_opens_nothing(settings: Settings) -> None:
    token = token_of(sign(ID, 60).path)
    settings.SECRET_KEY = "another"
    with pytest.raises(LinkTampered):
        verify(token)


@pytest.mark.django_db
def test_its_holder_gets_the_file_without_login() -> None:
    link = sign(completed().pk, 60, filename="A film.mp4")
    answer = fetch(link.path)
    assert (answer.status, answer.body) == (200, BYTES)
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert fetch(link.path, "HEAD").headers["Content-Length"] == "1024"
    assert fetch(link.path, Range="bytes=0-0").status == 206
    assert fetch(link.path + "?inline=1").headers["Content-Disposition"].startswith("inline")


@pytest.mark.django_db
def test_a_page_of_any_origin_may_play_it() -> None:
    """The API's own address of the file stays for pages of its origin (test_headers)."""
    download = completed()
    path = sign(download.pk, 60, filename="A film.mp4").path
    old = sign(download.pk, 60, now=lambda: NOW).path
    for answer in (fetch(path), fetch(path, "HEAD"), fetch(path, Range="bytes=5-1"), fetch(old)):
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_a_link_ends_with_its_file_at_the_latest() -> None:
    soon = NOW + timedelta(seconds=30, milliseconds=700)
    assert sign(ID, 60, until=soon, now=lambda: NOW).expires_at == NOW + timedelta(seconds=30)
    assert sign(ID, 20, until=soon, now=lambda: NOW).expires_at == NOW + timedelta(seconds=20)


@pytest.mark.django_db
def test_the_name_in_the_address_decides_nothing() -> None:
    answer = fetch(sign(completed().pk, 60, filename="evil.html").path)
    assert answer.headers["Content-Type"] == "video/mp4"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="A film.mp4"'


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["About us [720p] 100%?.mp4", "a/b.mp4", "-"])
def test_a_changed_name_opens_nothing(name: str) -> None:
    path = sign(completed().pk, 60, filename=name).path
    assert fetch(path).status == 200
    for changed in (f"{path}x", path[:-1], path[: path.rindex("/") + 1]):
        answer = fetch(changed)
        assert (answer.status, b"link_invalid" in answer.body) == (403, True)


@pytest.mark.django_db
def test_tampered_and_too_old_are_403() -> None:
    download = completed()
    path = sign(download.pk, 60).path
    tampered = fetch(path.replace("/d/", "/d/A"))
    assert (tampered.status, b"link_invalid" in tampered.body) == (403, True)
    old = fetch(sign(download.pk, 60, now=lambda: NOW).path)
    assert (old.status, b"link_expired" in old.body) == (403, True)


@pytest.mark.django_db
def test_deleted_is_404() -> None:
    assert fetch(sign(uuid.uuid4(), 60).path).status == 404


@pytest.mark.django_db
def test_an_expired_download_is_410() -> None:
    link = sign(completed().pk, 60)
    Download.objects.update(expires_at=Now() - timedelta(seconds=1))
    assert fetch(link.path).status == 410


@pytest.mark.django_db
def test_an_unfinished_download_is_409() -> None:
    answer = fetch(sign(ask(person("alice")).pk, 60).path)
    assert (answer.status, b"not_ready" in answer.body) == (409, True)


@pytest.mark.django_db
def test_a_storage_that_lost_the_file_is_410() -> None:
    download = completed()
    link = sign(download.pk, 60)
    from downloads.storage.storage import remove

    remove(download.rendition.storage_name)
    answer = fetch(link.path)
    assert answer.status == 410
    assert download.rendition.storage_name.encode() not in answer.body


@pytest.mark.django_db
def test_only_reading() -> None:
    assert fetch(sign(completed().pk, 60).path, "POST").status == 405
