"""The making: whole or not at all, and never twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from downloads.sample import clip
from tests.house.stack import ROOT

TINY = (
    ("-f", "lavfi", "-i", "color=s=64x36:d=0.2", clip.VIDEO),
    ("-i", clip.VIDEO, "-frames:v", "1", clip.PICTURE),
)


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """A recipe that takes no time."""
    monkeypatch.setattr(clip, "_STEPS", TINY)


def seen(home: Path) -> set[str]:
    return {path.name for path in home.iterdir()} - {".lock"}


@pytest.mark.usefixtures("tiny")
def test_made_once(tmp_path: Path) -> None:
    home = tmp_path / "sample"
    clip.make(home)
    assert {path.name for path in clip.folder(home).iterdir()} == set(clip.FILES)
    made = (clip.folder(home) / clip.VIDEO).stat()
    clip.make(home)
    assert (clip.folder(home) / clip.VIDEO).stat().st_ino == made.st_ino
    assert seen(home) == {clip.folder(home).name}


@pytest.mark.usefixtures("tiny")
def test_an_older_recipe_makes_room(tmp_path: Path) -> None:
    old = tmp_path / "clip-0123456789ab"
    old.mkdir()
    clip.make(tmp_path)
    assert seen(tmp_path) == {clip.folder(tmp_path).name}


@pytest.mark.parametrize("failing", [0, 1])
def test_a_failure_leaves_nothing(
    tmp_path: Path, failing: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = list(TINY)
    steps[failing] = ("-i", "not there", "out.mp4")
    monkeypatch.setattr(clip, "_STEPS", tuple(steps))
    with pytest.raises(clip.NotMade, match="No such file"):
        clip.make(tmp_path)
    assert seen(tmp_path) == set()


def test_a_folder_that_cannot_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "sample").touch()
    with pytest.raises(clip.NotMade, match="right to write"):
        clip.make(tmp_path / "sample")


@pytest.mark.usefixtures("tiny")
def test_a_killed_one_is_never_taken_for_whole(tmp_path: Path) -> None:
    """The real recipe, in a process of its own; the one after it is made in its stead."""
    code = "import pathlib, sys, downloads.sample.clip as c; c.make(pathlib.Path(sys.argv[1]))"
    command = [sys.executable, "-c", code, str(tmp_path)]
    process = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
    try:
        deadline = time.monotonic() + 30
        while not list(tmp_path.glob(".making-*/made/*.mp4")):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        encoder = psutil.Process(process.pid).children()
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
    psutil.wait_procs(encoder, 10)
    assert not clip.is_made(tmp_path)
    clip.make(tmp_path)
    assert seen(tmp_path) == {clip.folder(tmp_path).name}
