"""A restore is refused before anything is changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now

from config import datadir
from downloads.backup import manifest
from downloads.backup.errors import BackupError
from downloads.backup.manifest import Manifest
from downloads.backup.restore import restore
from downloads.models import MaintenanceTurn, Worker
from downloads.network.installation_key import fingerprint
from tests.support.ledger import person, worker

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    return tmp_path / "backup"


def _backup(folder: Path, secret: str, **facts: Any) -> Path:
    told = {
        "version": "9.9",
        "created_at": "2026-11-30T16:00:00+00:00",
        "database": connection.vendor,
        "database_version": "1",
        "schema": ("downloads.0001_initial",),
        "key": "file",
        "key_fingerprint": fingerprint(secret),
        "storage": "folder",
        "counts": {},
        "files": {},
    }
    folder.mkdir()
    (folder / manifest.MANIFEST).write_text(manifest.text_of(Manifest(**{**told, **facts})))
    return folder


def _refused(backup: Path, why: str, *, replace: bool = False) -> None:
    with pytest.raises(BackupError, match=why):
        restore(backup, replace=replace)


def test_a_backup_of_another_database(here: Path, settings: Any) -> None:
    _refused(_backup(here, settings.SECRET_KEY, database="oracle"), "of oracle")


def test_a_backup_of_a_newer_version(here: Path, settings: Any) -> None:
    newer = ("downloads.0001_initial", "downloads.9999_later")
    backup = _backup(here, settings.SECRET_KEY, schema=newer)
    _refused(backup, r"a newer Ferry \(9\.9, downloads\.9999_later\)", replace=True)


def test_a_database_that_holds_something(here: Path, settings: Any) -> None:
    person("alice")
    _refused(_backup(here, settings.SECRET_KEY), "not empty .1 rows in accounts_user")


def test_a_worker_that_runs(here: Path, settings: Any) -> None:
    running = worker()
    backup = _backup(here, settings.SECRET_KEY)
    _refused(backup, f"Ferry is running: .*{running}", replace=True)
    Worker.objects.all().delete()
    MaintenanceTurn.objects.create(name="x", holder="a:1", expires_at=Now(), done_at=Now())
    _refused(backup, "Ferry is running: .*scheduler a:1", replace=True)


def test_an_up_that_runs(here: Path, settings: Any) -> None:
    from config.server.supervisor.preflight import lock

    backup = _backup(here, settings.SECRET_KEY)
    with lock(settings.DATA_DIR):
        _refused(backup, r"Ferry is running: `manage\.py up` runs in", replace=True)


@pytest.mark.parametrize(
    ("key", "kept", "why"),
    [
        ("environment", "", "does not hold SECRET_KEY"),
        ("file", "", "SECRET_KEY in the environment is another one"),
        ("file", "in use", "DATA_DIR holds another SECRET_KEY"),
    ],
)
def test_another_key(here: Path, settings: Any, key: str, kept: str, why: str) -> None:
    if kept:
        datadir.write_private(datadir.secret_key_file(settings.DATA_DIR), settings.SECRET_KEY)
    _refused(_backup(here, "of another installation", key=key), why)
