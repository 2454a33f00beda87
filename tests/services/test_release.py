"""The bytes go when the last holder lets go, and only then; a crash in between is repaired."""

from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import connection
from django.db.models.functions import Now

from downloads import conf, services
from downloads.jobs import release
from downloads.jobs.leftovers import sweep_host
from downloads.jobs.maintenance import Maintenance, expire, sweep, take_turn
from downloads.jobs.release import release_unheld
from downloads.models import Download, MaintenanceTurn, Rendition
from downloads.storage import storage
from tests.support.ledger import ask, claim_by, person, status, stored, url, worker

pytestmark = pytest.mark.django_db(transaction=True)


def store_with_file(at: str) -> str:
    rendition = stored(claim_by(worker()))
    name: str = storages["media"].save(rendition.storage_name, ContentFile(b"x" * 1000))
    return name


def part_of(rendition: Rendition) -> Path:
    folder = conf.work_dir() / str(rendition.pk)
    folder.mkdir(parents=True)
    (folder / "g1.part").write_bytes(b"x")
    return folder


def test_delete_by_the_last_holder_removes_the_file_and_the_row() -> None:
    alice, bob, at = person("alice"), person("bob"), url()
    first, second = ask(alice, at), ask(bob, at)
    name = store_with_file(at)
    services.delete(alice, first.pk)
    assert storages["media"].exists(name)
    services.delete(bob, second.pk)
    assert not storages["media"].exists(name)
    assert not Rendition.objects.exists()


def test_expiry_frees_the_bytes_and_keeps_the_story() -> None:
    download = ask(person("alice"))
    name = store_with_file(download.content.source_url)
    Download.objects.update(expires_at=Now() - timedelta(seconds=1))
    assert expire() == 1
    assert not storages["media"].exists(name)
    assert status(download) == "expired"
    assert Rendition.objects.get().status == "idle"
    assert download.rendition.transitions.filter(event="stored").exists()


def test_an_expired_download_is_fetched_again_by_retry() -> None:
    alice = person("alice")
    download = ask(alice)
    store_with_file(download.content.source_url)
    Download.objects.update(expires_at=Now() - timedelta(seconds=1))
    expire()
    services.retry(alice, download.pk)
    assert status(download) == "queued"


def test_cancel_frees_the_part() -> None:
    alice = person("alice")
    download = ask(alice)
    folder = part_of(download.rendition)
    services.cancel(alice, download.pk)
    assert not folder.exists()


def test_pause_keeps_the_part() -> None:
    alice = person("alice")
    download = ask(alice)
    folder = part_of(download.rendition)
    services.pause(alice, download.pk)
    assert folder.exists()


def test_what_runs_is_left_to_its_worker() -> None:
    alice = person("alice")
    download = ask(alice)
    claim_by(worker())
    services.cancel(alice, download.pk)
    assert not release_unheld(download.rendition_id)
    assert Rendition.objects.get().status == "running"


def test_two_releases_at_once() -> None:
    """A deletion and the sweep: one deletes the row while the other waits for the lock."""
    rendition_id = ask(person("alice")).rendition_id
    Download.objects.all().delete()

    def overtaken(execute: Any, sql: str, *more: Any) -> Any:
        if 'FROM "downloads_content"' in sql:
            Rendition.objects.all().delete()
        return execute(sql, *more)

    with connection.execute_wrapper(overtaken):
        assert not release_unheld(rendition_id)


def test_a_crash_between_the_steps_is_mended_by_the_sweep() -> None:
    download = ask(person("alice"))
    name = store_with_file(download.content.source_url)
    # the process died after the last holder was gone and before a byte was freed
    Download.objects.all().delete()
    sweep()
    assert not storages["media"].exists(name)
    assert not Rendition.objects.exists()


def test_a_part_that_no_row_knows_is_swept() -> None:
    orphan = part_of(Rendition())
    sweep_host()
    assert not orphan.exists()


def test_one_maintenance_acts_at_a_time_and_a_silent_one_is_replaced() -> None:
    assert take_turn("a")
    assert take_turn("a")
    assert not take_turn("b")
    MaintenanceTurn.objects.update(expires_at=Now() - timedelta(seconds=1))
    assert take_turn("b")
    assert not take_turn("a")


def test_a_turn_reaps_and_expires() -> None:
    download = ask(person("alice"))
    claim_by(worker())
    Rendition.objects.leased().update(lease_expires_at=Now() - timedelta(seconds=1))
    assert Maintenance().turn()
    assert status(download) == "queued"


def test_an_undo_in_the_middle_of_a_cancel_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user requests it again, and a worker has begun, before the part is removed."""
    alice = person("alice")
    download = ask(alice)
    # The part itself runs; no lock is held, and no query sent, at the moment that is meant.
    let_go, folders = release._let_go, []

    def undone_at_once(rendition_id: uuid.UUID) -> bool:
        gone = let_go(rendition_id)
        services.retry(alice, download.pk)
        folders.append(part_of(Rendition.objects.get(pk=claim_by(worker()).rendition_id)))
        return gone

    monkeypatch.setattr(release, "_let_go", undone_at_once)
    services.cancel(alice, download.pk)
    (folder,) = folders
    assert (folder / "g1.part").exists()
    assert status(download) == "running"


def test_a_crash_before_the_last_step_leaves_what_the_sweep_finds() -> None:
    alice = person("alice")
    download = ask(alice)
    part_of(download.rendition)
    aside = storage.set_work_aside(download.rendition_id)
    assert aside is not None
    assert storage.set_work_aside(download.rendition_id) is None
    sweep_host()
    assert list(conf.work_dir().iterdir()) == []
