"""Folders that a killed process leaves are swept; those in use never are."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from downloads.engine.sandbox import workdirs
from tests.support.shell import ROOT

HOLDER = (
    "from downloads.engine.sandbox import workdirs; print(workdirs.new('x'), flush=True); input()"
)


@pytest.fixture(autouse=True)
def _own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(workdirs, "_mine", None)


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has a folder."""
    running = subprocess.Popen(
        [sys.executable, "-c", HOLDER],
        cwd=ROOT,
        env={"TMPDIR": str(tmp_path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    yield running
    running.kill()
    running.communicate()


def folder_of(holder: subprocess.Popen[str]) -> Path:
    assert holder.stdout is not None
    return Path(holder.stdout.readline().strip())


def test_a_killed_one_is_swept_and_a_live_one_is_not(holder: subprocess.Popen[str]) -> None:
    theirs, ours = folder_of(holder), workdirs.new("y")
    (theirs / "left").write_text("by another process")
    assert workdirs.sweep() == 0
    assert theirs.is_dir()
    holder.kill()
    holder.wait()
    assert workdirs.sweep() == 1
    assert not theirs.parent.exists()
    assert ours.is_dir()


def test_one_that_ends_tidies_up(holder: subprocess.Popen[str]) -> None:
    theirs = folder_of(holder)
    holder.communicate("\n")
    assert not theirs.parent.exists()


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "kept").mkdir(parents=True)
    (tmp_path / "ferry-jail-link").symlink_to(elsewhere)
    assert workdirs.sweep() == 0
    assert (elsewhere / "kept").is_dir()


def test_one_that_was_taken_away_is_made_again() -> None:
    first = workdirs.own()
    first.rmdir()
    assert workdirs.new("x").is_dir()
    assert workdirs.own() != first
