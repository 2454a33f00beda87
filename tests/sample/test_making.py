"""The making: whole or not at all, and never twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from downloads.sample import clip
from downloads.sample.ladder import LADDER
from downloads.sample.making import SampleNotMade, SampleRecipe, folder, is_made, make
from tests.support.shell import ROOT

TINY = SampleRecipe(  # takes no time
    name="tiny",
    source=clip.FOLDER / clip.VIDEO,
    steps=(
        ("-t", "0.2", "-vf", "scale=64:36", "tiny.mp4"),
        ("-frames:v", "1", "-vf", "scale=64:36", "tiny.jpg"),
    ),
    files=("tiny.mp4", "tiny.jpg"),
)


def seen(home: Path) -> set[str]:
    return {path.name for path in home.iterdir()} - {".lock"}


def test_made_once(tmp_path: Path) -> None:
    home = tmp_path / "sample"
    make(home, TINY)
    assert {path.name for path in folder(home, TINY).iterdir()} == set(TINY.files)
    made = (folder(home, TINY) / "tiny.mp4").stat()
    make(home, TINY)
    assert (folder(home, TINY) / "tiny.mp4").stat().st_ino == made.st_ino
    assert seen(home) == {TINY.folder_name}


def test_an_older_recipe_makes_room_and_what_is_remembered_stays(tmp_path: Path) -> None:
    (tmp_path / "tiny-0123456789ab").mkdir()
    (tmp_path / "clip-0123456789ab").mkdir()  # of versions that drew the clip
    (tmp_path / "catalogued-file-20010101000000000000").touch()
    make(tmp_path, TINY)
    assert seen(tmp_path) == {TINY.folder_name, "catalogued-file-20010101000000000000"}


def test_what_is_made_of_another_clip_is_made_again(tmp_path: Path) -> None:
    other = tmp_path / clip.VIDEO
    other.write_bytes(b"another clip")
    assert replace(TINY, source=other).folder_name != TINY.folder_name
    moved = tmp_path / "moved.mp4"
    moved.write_bytes(TINY.source.read_bytes())
    assert replace(TINY, source=moved).folder_name == TINY.folder_name


@pytest.mark.parametrize("failing", [0, 1])
def test_a_failure_leaves_nothing(tmp_path: Path, failing: int) -> None:
    steps = list(TINY.steps)
    steps[failing] = ("-i", "not there", "-map", "1", "out.mp4")
    with pytest.raises(SampleNotMade, match="No such file"):
        make(tmp_path, replace(TINY, steps=tuple(steps)))
    assert seen(tmp_path) == set()


def test_a_file_that_ffmpeg_did_not_make_is_one(tmp_path: Path) -> None:
    with pytest.raises(SampleNotMade, match=r"left out more\.mp4"):
        make(tmp_path, replace(TINY, files=(*TINY.files, "more.mp4")))
    assert seen(tmp_path) == set()


def test_a_folder_that_cannot_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "sample").touch()
    with pytest.raises(SampleNotMade, match="right to write"):
        make(tmp_path / "sample", TINY)


def test_a_killed_one_is_never_taken_for_whole(tmp_path: Path) -> None:
    """The real recipe, in a process of its own; the one after it is made in its stead."""
    code = (
        "import pathlib, sys; from downloads.sample import ladder, making;"
        "making.make(pathlib.Path(sys.argv[1]), ladder.LADDER)"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    process = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
    try:
        deadline = time.monotonic() + 30
        while not list(tmp_path.glob(".making-*/made/720p-*.m4s")):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        encoder = psutil.Process(process.pid).children()
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
    psutil.wait_procs(encoder, 10)
    assert not is_made(tmp_path, LADDER)
    make(tmp_path, TINY)
    assert seen(tmp_path) == {TINY.folder_name}
