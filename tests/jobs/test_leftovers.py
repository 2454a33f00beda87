"""Each leftover of crashes and outages has an owner; ``manage.py sweep --dry-run`` lists it."""

from __future__ import annotations

import io
import tempfile
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import call_command
from django.db.models.functions import Now

from downloads import services
from downloads.delivery.upkeep import Upkeep
from downloads.engine.sandbox import workdirs
from downloads.jobs.lost import expire_unless_all_lost
from downloads.jobs.maintenance import Maintenance, take_turn
from downloads.jobs.release import sweep_left_behind
from downloads.models import Download, Rendition
from downloads.queue.reaper import reap
from downloads.storage.storage import part_dir
from tests.jobs.bucket.conftest import bucket
from tests.support.ledger import ask, claim_by, failed, person, stored, worker
from tests.support.s3_fixtures import door, server
from tests.support.s3_server import BUCKET, Door, S3Server, client

__all__ = ["bucket", "door", "server"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STORAGE_PATH = tmp_path / "media"
    options = {"location": str(tmp_path / "media"), "base_url": None}
    backend = "downloads.storage.local.LocalMediaStorage"
    settings.STORAGES = settings.STORAGES | {"media": {"BACKEND": backend, "OPTIONS": options}}
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(workdirs, "_mine", None)


@pytest.fixture
def elsewhere() -> None:
    """Another host has the maintenance turn."""
    assert take_turn("another host")


def listed(*options: str) -> list[str]:
    out = io.StringIO()
    call_command("sweep", *options, stdout=out)
    return out.getvalue().splitlines()


def unfinished(rendition_id: uuid.UUID) -> Path:
    path = part_dir(rendition_id) / "fragments" / "1.part"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"x" * 1000)
    return path


def let_it_kill_its_worker() -> None:
    """Three times, with a checkpoint on the way."""
    for _ in range(3):
        lease = claim_by(worker())
        checkpoint = {"version": 1, "upload": {"id": "x", "key": "y"}}
        Rendition.objects.filter(pk=lease.rendition_id).update(
            lease_expires_at=Now() - timedelta(seconds=1), checkpoint=checkpoint
        )
        reap()


def test_poison_leaves_no_part() -> None:
    download = ask(person("alice"))
    left = unfinished(download.rendition_id)
    let_it_kill_its_worker()
    assert Rendition.objects.get().status == "failed"
    assert listed("--dry-run") == [f"unfinished files: {download.rendition_id}"]
    assert left.exists()
    Maintenance().turn()
    assert not left.exists()
    assert listed("--dry-run") == ["Nothing is left over."]


def test_a_dead_host_s_fragments_of_what_another_host_stored(elsewhere: None) -> None:
    """The host sweeps its own disk, whichever process has the turn."""
    download = ask(person("alice"))
    left = unfinished(download.rendition_id)
    stored(claim_by(worker()))
    assert not Maintenance().turn()
    assert not left.exists()


def test_a_dead_program_s_folder_on_a_host_without_the_turn(
    elsewhere: None, tmp_path: Path
) -> None:
    left = tmp_path / "ferry-jail-left"
    left.mkdir()
    assert listed("--dry-run") == [f"folder of a jailed program: {left}"]
    assert not Maintenance().turn()
    assert not left.exists()


def test_what_may_be_resumed_stays() -> None:
    alice = person("alice", max_active=5)
    running, paused = ask(alice), ask(alice)
    lease = claim_by(worker())
    kept = [unfinished(running.rendition_id), unfinished(paused.rendition_id)]
    Rendition.objects.exclude(pk=lease.rendition_id).update(checkpoint={"version": 1})
    services.pause(
        alice, next(d for d in (running, paused) if d.rendition_id != lease.rendition_id).pk
    )
    Maintenance().turn()
    assert listed("--dry-run") == ["Nothing is left over."]
    assert all(path.exists() for path in kept)


def test_the_file_of_a_failure_that_was_cut_off(tmp_path: Path, settings: Any) -> None:
    """The worker died between ``failed`` and the removal of what it had moved already."""
    ask(person("alice"))
    rendition = failed(claim_by(worker()))
    storages["media"].save("half-way.mp4", ContentFile(b"x"))
    Rendition.objects.update(storage_name="half-way.mp4", size=1)
    assert listed("--dry-run") == [f"rendition without holders: {rendition.pk}"]
    Maintenance().turn()
    assert not storages["media"].exists("half-way.mp4")
    assert Rendition.objects.get().storage_name == ""


def begin(server: S3Server, rendition_id: uuid.UUID) -> str:
    key = f"some/folder/A film [auto] {rendition_id.hex[:8]}.mp4"
    answer = client(server.endpoint).create_multipart_upload(Bucket=BUCKET, Key=key)
    return str(answer["UploadId"])


def upkeep() -> None:
    Upkeep(Maintenance()._stopped, expire_unless_all_lost).round()


def test_poison_leaves_no_upload(bucket: S3Server) -> None:
    """Neither the one that its checkpoint names, nor one that it died before naming."""
    download = ask(person("alice"))
    begin(bucket, download.rendition_id)
    recorded = begin(bucket, download.rendition_id)
    let_it_kill_its_worker()
    Rendition.objects.update(checkpoint={"version": 1, "upload": {"id": recorded}})
    assert len(listed("--dry-run")) == 2
    upkeep()
    assert bucket.open_uploads() == []


@pytest.mark.parametrize(
    ("action", "mood"), [("cancel", "503"), ("delete", "503"), ("cancel", "hang")]
)
def test_to_end_a_download_while_the_bucket_is_away(
    bucket: S3Server, door: Door, action: str, mood: str
) -> None:
    alice = person("alice")
    download = ask(alice)
    begin(bucket, download.rendition_id)
    Rendition.objects.update(generation=1)
    door.mood = lambda call: mood
    services.act(alice, download.pk, action)
    assert len(bucket.open_uploads()) == 1
    door.mood = lambda call: ""
    Maintenance().turn()
    upkeep()
    assert bucket.open_uploads() == []
    assert Rendition.objects.exists() is (action == "cancel")


def test_a_bucket_that_hangs_holds_up_no_round(bucket: S3Server, door: Door) -> None:
    """Else a dead worker's downloads would wait for it too."""
    for number in range(8):
        download = ask(person(f"user {number}"))
        Rendition.objects.filter(pk=download.rendition_id).update(generation=1)
        Download.objects.filter(pk=download.pk).delete()
    door.mood = lambda call: "hang"
    Maintenance().turn()
    assert len(door.calls) < 8, "it does not wait for each"
    door.mood = lambda call: ""
    sweep_left_behind()
    assert not Rendition.objects.exists()


def test_uploads_under_way_stay(bucket: S3Server) -> None:
    alice = person("alice", max_active=5)
    downloads = [ask(alice) for _ in range(3)]
    uploads = {begin(bucket, each.rendition_id) for each in downloads}
    claim_by(worker())
    paused = Rendition.objects.filter(status="queued").first()
    assert paused is not None
    theirs = begin(bucket, paused.pk)
    Rendition.objects.filter(pk=paused.pk).update(
        status="idle", checkpoint={"version": 1, "upload": {"id": theirs}}
    )
    upkeep()
    assert set(bucket.open_uploads()) == uploads | {theirs}
