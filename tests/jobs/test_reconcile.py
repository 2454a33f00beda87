"""``manage.py reconcile``: what ledger and storage differ about, and both consistent again."""

from __future__ import annotations

import hashlib
import io
import shutil
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import CommandError, call_command

from downloads import conf
from downloads.engine.core.storage_names import is_from_template
from downloads.models import Download, Rendition
from downloads.models.subtitles import StoredSubtitle, rows_of
from tests.jobs.bucket.conftest import bucket
from tests.support.ledger import again, ask, claim_by, person, status, stored, worker
from tests.support.s3_fixtures import door, server

__all__ = ["bucket", "door", "server"]

pytestmark = pytest.mark.django_db(transaction=True)

BYTES = b"0123456789"


@pytest.fixture
def media(settings: Any, tmp_path: Path) -> Path:
    settings.STORAGE_PATH = tmp_path / "media"
    options = {"location": str(tmp_path / "media"), "base_url": None}
    backend = "downloads.storage.local.LocalMediaStorage"
    settings.STORAGES = settings.STORAGES | {"media": {"BACKEND": backend, "OPTIONS": options}}
    return tmp_path / "media"


def done(user: Any) -> Download:
    download = ask(user)
    rendition = stored(claim_by(worker()), size=len(BYTES))
    name = f"A film [720p] {rendition.pk.hex[:8]}.mp4"
    storages["media"].save(name, ContentFile(BYTES))
    Rendition.objects.filter(pk=rendition.pk).update(storage_name=name)
    return again(download)


def reconcile(*options: str) -> str:
    out = io.StringIO()
    call_command("reconcile", *options, stdout=out)
    return out.getvalue()


def found() -> str:
    out = io.StringIO()
    with pytest.raises(CommandError):
        call_command("reconcile", stdout=out)
    return out.getvalue()


def test_nothing_differs(media: Path) -> None:
    done(person("alice"))
    assert "agree" in reconcile()


def test_missing_and_cut_files_expire_and_can_be_fetched_again(media: Path) -> None:
    alice = person("alice")
    missing, cut, whole = done(alice), done(alice), done(alice)
    (media / missing.rendition.storage_name).unlink()
    (media / cut.rendition.storage_name).write_bytes(b"012")
    told = found()
    assert f"missing: {missing.rendition.storage_name}" in told
    assert f"damaged: {cut.rendition.storage_name}" in told
    assert whole.rendition.storage_name not in told
    assert [status(each) for each in (missing, cut, whole)] == ["completed"] * 3
    reconcile("--repair")
    assert [status(each) for each in (missing, cut, whole)] == ["expired", "expired", "completed"]
    assert "agree" in reconcile()
    assert not (media / cut.rendition.storage_name).exists()


def test_only_files_that_are_surely_ours_are_orphans(media: Path) -> None:
    done(person("alice"))
    ours = media / "Old film [1080p] 0a1b2c3d.mp4"
    beside = media / "Old film [1080p] 0a1b2c3d.en.vtt"
    theirs = [media / "holiday.mp4", media / "folder" / "IMG [x] 20260101.jpg", media / ".hidden"]
    unfinished = conf.work_dir() / "0a1b2c3d"
    for path in (ours, beside, *theirs, unfinished):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    assert found().count("orphaned: ") == 2
    reconcile("--repair")
    assert not ours.exists()
    assert not beside.exists()
    assert all(path.exists() for path in (*theirs, unfinished))


def test_lost_subtitles(media: Path) -> None:
    download = done(person("alice"))
    row = StoredSubtitle("en", "", "gone.en.vtt", 7, hashlib.sha256(b"").hexdigest())
    Rendition.objects.update(subtitles=rows_of([row]))
    assert "missing: gone.en.vtt" in found()
    reconcile("--repair")
    assert (status(download), again(download).rendition.subtitles) == ("completed", [])


def test_an_older_ledger_with_a_newer_storage_and_the_other_way_round(media: Path) -> None:
    alice = person("alice")
    kept, newer = done(alice), done(alice)
    older = media.with_name("copy")
    shutil.copytree(media, older)
    (older / newer.rendition.storage_name).unlink()
    shutil.rmtree(media)
    older.rename(media)
    reconcile("--repair")
    assert (status(kept), status(newer)) == ("completed", "expired")
    Download.objects.all().delete()
    Rendition.objects.all().delete()
    reconcile("--repair")
    assert [path for path in media.rglob("*") if path.is_file()] == []


def test_a_bucket(bucket: Any) -> None:
    alice = person("alice")
    lost, whole = done(alice), done(alice)
    storages["media"].delete(lost.rendition.storage_name)
    storages["media"].save("Old [720p] 0a1b2c3d.mp4", ContentFile(b"x"))
    assert found().count("\n") == 2
    reconcile("--repair")
    assert (status(lost), status(whole)) == ("expired", "completed")
    assert "agree" in reconcile()


def test_the_name_of_a_file_is_no_date(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a file without a row could be another program's, and would stay for ever."""
    alice, draw = person("alice"), uuid.uuid4
    dates = [uuid.UUID(f"202601{day:02}{draw().hex[8:]}") for day in range(1, 6)]
    monkeypatch.setattr(uuid, "uuid4", lambda: dates.pop() if dates else draw())
    assert not ask(alice).rendition_id.hex[:8].isdigit()
    assert not dates


@pytest.mark.parametrize(
    ("template", "name", "ours"),
    [
        ("{title} [{quality}] {id8}.{ext}", "A [b] film [720p] 0a1b2c3d.tar.gz", True),
        ("{title} [{quality}] {id8}.{ext}", "A film [720p] 0a1b2c3d.pt-BR.vtt", True),
        ("{title} [{quality}] {id8}.{ext}", "A film [720p] 20260101.mp4", False),
        ("{title} [{quality}] {id8}.{ext}", "x/A film [720p] 0a1b2c3d.mp4", False),
        ("{title}/{quality}.{ext}", "A film/720p 0a1b2c3d.mp4", True),
        ("{title}/{quality}.{ext}", "A film/720p.mp4", False),
        ("{id8}/{title}", "0a1b2c3d/A film", True),
    ],
)
def test_names_that_are_ours(template: str, name: str, ours: bool) -> None:
    assert is_from_template(template, name) is ours
