"""``python -m downloads.engine URL -o s3://...``: exit codes, resume, memory, no Django."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from downloads.engine.transfer.checkpoint import FileCheckpointStore
from tests.engine.transfer.test_command import ROOT, command, run
from tests.support.content import MIB, content
from tests.support.origin import Origin
from tests.support.s3_server import BUCKET, Door, S3Server, environment
from tests.support.stack import until

FILM = f"s3://{BUCKET}/film.mp4"


@pytest.fixture
def surroundings(door: Door, tmp_path: Path) -> dict[str, str]:
    return {
        **environment(door.endpoint),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "FETCH_ALLOWED_NETWORKS": "127.0.0.0/8",
    }


def test_done(
    origin: Origin, server: S3Server, surroundings: dict[str, str], tmp_path: Path
) -> None:
    data = content(23 * MIB)
    origin.serve("/a", data)
    assert run(origin.url("/a"), "-o", FILM, **surroundings) == (0, "", "")
    assert (server.folder / "film.mp4").read_bytes() == data
    assert server.open_uploads() == []
    assert not list((tmp_path / "cache" / "ferry").iterdir())


def test_a_bucket_that_is_not_there(origin: Origin, surroundings: dict[str, str]) -> None:
    origin.serve("/a", content(12 * MIB))
    code, out, err = run(origin.url("/a"), "-o", "s3://no-such-bucket/a", **surroundings)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "storage_unavailable" in err
    assert "NoSuchBucket" in err


def stored(cache: Path) -> int:
    """Bytes in the bucket by the checkpoint of the one download that is under way."""
    states = list((cache / "ferry").glob("*.json"))
    kept = FileCheckpointStore(states[0], states[0].stem).load() if states else None
    return kept.done if kept else 0


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGKILL])
def test_ended_in_between_the_same_command_goes_on(
    origin: Origin,
    server: S3Server,
    door: Door,
    surroundings: dict[str, str],
    ending: signal.Signals,
    tmp_path: Path,
) -> None:
    data = content(60 * MIB)
    file = origin.serve("/a", data, rate=3 * MIB, hold_at=50 * MIB)
    process = command(origin.url("/a"), "-o", FILM, **surroundings)
    until(lambda: stored(tmp_path / "cache") >= 4 * 5 * MIB, 60)
    process.send_signal(ending)
    process.communicate(timeout=10)
    assert process.returncode == (130 if ending is signal.SIGINT else -ending)
    assert server.objects == []
    file.rate = file.hold_at = None
    origin.settle()
    door.settle()
    sent = origin.sent
    assert run(origin.url("/a"), "-o", FILM, **surroundings)[0] == 0
    origin.settle()
    assert (server.folder / "film.mp4").read_bytes() == data
    assert server.open_uploads() == []
    assert origin.sent - sent <= len(data) - 2 * 5 * MIB


def test_no_platform_is_imported() -> None:
    code = (
        "import sys, downloads.engine.transfer.single_object\n"
        "bad = {'django', 'storages', 'celery', 'channels', 'requests'} & set(sys.modules)\n"
        "sys.exit(', '.join(sorted(bad)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_memory_is_bounded(
    origin: Origin, door: Door, server: S3Server, surroundings: dict[str, str]
) -> None:
    """256 MiB over 16 connections into a bucket that is slower than the source."""
    if sys.platform != "linux":
        pytest.skip("reads VmHWM of Linux")
    door.rate = 16 * MIB
    origin.serve("/a", content(MIB) * 256)
    code = (
        "import pathlib, re, sys\n"
        "from downloads.engine.__main__ import main\n"
        "code = main(sys.argv[1:])\n"
        "status = pathlib.Path('/proc/self/status').read_text()\n"
        "print(re.search(r'VmHWM:\\s+(\\d+)', status)[1])\n"
        "sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, origin.url("/a"), "-o", FILM, "--connections", "16"],
        cwd=ROOT, capture_output=True, text=True, env={**os.environ, **surroundings},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (server.folder / "film.mp4").stat().st_size == 256 * MIB
    assert int(done.stdout) * 1024 < 256 * MIB
