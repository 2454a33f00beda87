"""The programs of PostgreSQL, missing or too old."""

from __future__ import annotations

from pathlib import Path

import pytest

from downloads.backup import postgresql
from downloads.backup.errors import BackupError


def _script(folder: Path, version: str) -> None:
    path = folder / "pg_dump"
    path.write_text(f"#!/bin/sh\necho 'pg_dump (PostgreSQL) {version}'\n")
    path.chmod(0o755)


@pytest.fixture(autouse=True)
def _only_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "DEBIAN", tmp_path / "none")
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin")


@pytest.mark.processes
def test_an_older_one_names_the_package(tmp_path: Path) -> None:
    _script(tmp_path, "15.18 (Debian 15.18-0+deb12u1)")
    assert postgresql.program("pg_dump", 15) == str(tmp_path / "pg_dump")
    with pytest.raises(BackupError, match=r"of version 15, too old.* postgresql-client-17 "):
        postgresql.program("pg_dump", 17)


def test_none_at_all_names_the_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupError, match=r"not installed here.* postgresql-client-16 "):
        postgresql.program("pg_dump", 16)
