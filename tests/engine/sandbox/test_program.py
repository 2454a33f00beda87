"""ffmpeg, and what it is fed, in the jail."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import imageio_ffmpeg
import pytest

from downloads.engine.sandbox.confinement import MIB, Confinement, JailFailed, JailFailure
from downloads.engine.sandbox.program import run
from tests.engine.sandbox.conftest import needs_landlock, needs_seccomp
from tests.support.origin import Origin

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
CLIP = ["-f", "lavfi", "-i", "testsrc=duration=1:size=64x64", "-progress", "pipe:1", "out.mp4"]


@pytest.fixture
def confinement(work_dir: Path) -> Confinement:
    return Confinement(work_dir=work_dir, memory_bytes=2048 * MIB)


def test_it_works_with_threads_and_tells_its_progress(confinement: Confinement) -> None:
    told = bytearray()
    finished = run([FFMPEG, "-nostdin", *CLIP], confinement, timeout=60, on_output=told.extend)
    assert finished.status == 0, finished.stderr
    assert b"progress=end" in told
    assert (confinement.work_dir / "out.mp4").stat().st_size > 1000


@needs_landlock
def test_a_playlist_in_disguise_reads_no_file_of_ours(
    confinement: Confinement, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.ts"
    secret.write_bytes(b"secret")
    fake = confinement.work_dir / "fake.mp4"
    fake.write_text(f"ffconcat version 1.0\nfile '{secret}'\n")
    finished = run(
        [FFMPEG, "-nostdin", "-safe", "0", "-i", "fake.mp4", "-c", "copy", "-f", "data", "out"],
        confinement,
        timeout=60,
    )
    assert finished.status != 0
    assert "Permission denied" in finished.stderr


@needs_seccomp
def test_it_fetches_nothing(confinement: Confinement, canary: Origin) -> None:
    finished = run([FFMPEG, "-nostdin", "-i", canary.url("/x.mp4"), "o"], confinement, timeout=60)
    assert finished.status != 0
    assert "Permission denied" in finished.stderr


def test_a_program_that_is_missing_is_told(confinement: Confinement) -> None:
    with pytest.raises(FileNotFoundError, match="no-such-program is not installed"):
        run(["no-such-program"], confinement, timeout=10)


def test_a_program_that_cannot_start_is_told(confinement: Confinement, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_bytes(b"\x7fELF nonsense")
    broken.chmod(0o755)
    with pytest.raises(JailFailed) as caught:
        run([broken], confinement, timeout=10)
    assert caught.value.failure is JailFailure.SETUP


def test_its_input_comes_by_stdin(confinement: Confinement) -> None:
    given = replace(confinement, processes=1)
    finished = run(["/bin/cat"], given, stdin=b"x" * 3 * MIB, timeout=60, max_output=4 * MIB)
    assert finished.stdout == b"x" * 3 * MIB
