"""A backup that is not complete, or not as it was written, is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from downloads.backup import manifest
from downloads.backup.contents import settings_text
from downloads.backup.errors import BackupError
from downloads.backup.manifest import MANIFEST, Manifest


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    (tmp_path / "database.sqlite3").write_bytes(b"ledger")
    made = Manifest(
        version="1",
        created_at="2026-11-30T16:00:00+00:00",
        database="sqlite",
        database_version="3",
        schema=("downloads.0001_initial",),
        key="file",
        key_fingerprint="00",
        storage="folder",
        counts={"users": 1},
        files={"database.sqlite3": manifest.describe(tmp_path / "database.sqlite3")},
    )
    (tmp_path / MANIFEST).write_text(manifest.text_of(made))
    assert manifest.read(tmp_path) == made
    return tmp_path


def test_a_changed_file(backup: Path) -> None:
    (backup / "database.sqlite3").write_bytes(b"Ledger")
    with pytest.raises(BackupError, match=r"database\.sqlite3 is not as it was written"):
        manifest.read(backup)


def test_a_missing_file(backup: Path) -> None:
    (backup / "database.sqlite3").unlink()
    with pytest.raises(BackupError, match="cannot be read"):
        manifest.read(backup)


def test_a_backup_that_was_not_finished(backup: Path) -> None:
    (backup / MANIFEST).unlink()
    with pytest.raises(BackupError, match="no complete backup"):
        manifest.read(backup)


@pytest.mark.parametrize("change", ["counts", "files", "checksum"])
def test_a_changed_manifest(backup: Path, change: str) -> None:
    body = json.loads((backup / MANIFEST).read_text())
    body[change] = {}
    (backup / MANIFEST).write_text(json.dumps(body))
    with pytest.raises(BackupError, match="not as it was written"):
        manifest.read(backup)


def test_a_manifest_that_was_cut(backup: Path) -> None:
    text = (backup / MANIFEST).read_text()
    (backup / MANIFEST).write_text(text[: len(text) // 2])
    with pytest.raises(BackupError, match="cannot be read"):
        manifest.read(backup)


def test_settings_hold_no_secret() -> None:
    told = {
        "ALLOWED_HOSTS": "ferry.example.org",
        "STORAGE_NAME_TEMPLATE": "{title}'s {id8}.{ext}",
        "SECRET_KEY": "of-the-site",
        "METRICS_TOKEN_FILE": "/run/secrets/metrics",
        "PORT": "8000",
    }
    text = settings_text(told)
    assert "ALLOWED_HOSTS=ferry.example.org\n" in text
    assert "STORAGE_NAME_TEMPLATE='{title}\\'s {id8}.{ext}'\n" in text
    assert "# SECRET_KEY was set" in text
    assert "# METRICS_TOKEN was set" in text
    assert "of-the-site" not in text
    assert "PORT" not in text  # its default
