"""The maintenance removes what killed processes left in the system's temporary folder."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from downloads.engine.sandbox import workdirs
from downloads.jobs import leftovers

pytestmark = pytest.mark.django_db


def test_what_a_killed_worker_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(workdirs, "_mine", None)
    left = tmp_path / "ferry-jail-left"  # no process holds its lock
    (left / "manifest-x").mkdir(parents=True)
    ours = workdirs.new("manifest")
    leftovers.sweep_host()
    assert not left.exists()
    assert ours.is_dir()
