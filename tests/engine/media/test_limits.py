"""Limits of the machine, and of what one run may have of it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from downloads.engine.core.errors import DiskFull, InternalError, ProcessingFailed
from downloads.engine.core.media import Source
from downloads.engine.media import ffmpeg
from downloads.engine.media.config import MediaConfig, find_ffmpeg
from downloads.engine.media.inputs import MediaInput
from downloads.engine.media.mux import MuxRequest, mux
from downloads.engine.media.recipe import Recipe
from downloads.engine.sandbox.confinement import ProgramResult
from tests.engine.media.conftest import Make
from tests.engine.media.films import Films

FACTS = Source("x:1", "A film", ())


def test_a_file_larger_than_allowed(films: Films, make: Make, config: MediaConfig) -> None:
    with pytest.raises(ProcessingFailed) as raised:
        make([MediaInput(films.ts())], config=replace(config, file_bytes=20_000))
    assert "too large for the server" in raised.value.message


def test_more_memory_than_allowed(films: Films, make: Make, config: MediaConfig) -> None:
    with pytest.raises((ProcessingFailed, InternalError)):
        make([MediaInput(films.ts())], config=replace(config, memory_bytes=150 * 1024**2))


def test_more_time_than_allowed(films: Films, make: Make, config: MediaConfig) -> None:
    with pytest.raises(ProcessingFailed):
        make([MediaInput(films.ts())], config=replace(config, timeout=0.0))


@pytest.mark.parametrize(
    ("finished", "error"),
    [
        (ProgramResult(1, b"", "av_interleaved_write_frame(): No space left on device"), DiskFull),
        (ProgramResult(1, b"", "Error writing trailer: Disk quota exceeded"), DiskFull),
        (ProgramResult(-25, b"", ""), ProcessingFailed),
        (ProgramResult(255, b"", "Exiting normally, received signal 24."), ProcessingFailed),
        (ProgramResult(-9, b"", "", "memory"), ProcessingFailed),
        (ProgramResult(-9, b"", ""), InternalError),
        (ProgramResult(1, b"", "Invalid data found when processing input"), ProcessingFailed),
    ],
)
def test_how_it_ended(finished: ProgramResult, error: type[Exception]) -> None:
    with pytest.raises(error):
        ffmpeg.judge(finished)


def test_a_full_disk(films: Films, config: MediaConfig, small_disk: Path) -> None:
    request = MuxRequest([MediaInput(films.long())], Recipe("mp4"), FACTS)
    with pytest.raises(DiskFull):
        mux(request, small_disk / "made.mp4", config)
    assert list(small_disk.iterdir()) == []


def test_what_a_killed_run_left_is_gone(films: Films, make: Make, work_dir: Path) -> None:
    left = work_dir / "mux"
    left.mkdir()
    (left / "made.mp4").write_bytes(b"half of it")
    os.mkfifo(left / "feed-0")
    _, output = make([MediaInput(films.ts())])
    assert sorted(path.name for path in work_dir.iterdir()) == [output.name]


@pytest.mark.processes
class TestWhichFfmpeg:
    def test_the_wheels(self) -> None:
        assert find_ffmpeg().is_file()

    def test_a_configured_one(self, tmp_path: Path) -> None:
        own = tmp_path / "ffmpeg"
        own.symlink_to(find_ffmpeg())
        assert find_ffmpeg(str(own)) == own

    @pytest.mark.parametrize(
        "path", ["/nowhere/ffmpeg", "/bin/true", "/etc/passwd", "no-such-program"]
    )
    def test_a_wrong_one(self, path: str) -> None:
        with pytest.raises(ValueError, match="must be the path of an ffmpeg that can be run"):
            find_ffmpeg(path)

    def test_one_too_old(self, tmp_path: Path) -> None:
        old = tmp_path / "ffmpeg"
        old.write_text("#!/bin/sh\necho ffmpeg version 4.4.2-0ubuntu Copyright\n")
        old.chmod(0o755)
        with pytest.raises(ValueError, match="must be ffmpeg 5 or newer, and this is 4"):
            find_ffmpeg(str(old))
