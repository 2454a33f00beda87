from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.transfer.harness import Fetcher
from tests.support.origin import Origin
from tests.support.s3_fixtures import door, server

__all__ = ["door", "server"]


@pytest.fixture(scope="session", autouse=True)
def _redis_for_all() -> None:
    """The engine needs none."""


@pytest.fixture
def fetcher(origin: Origin, tmp_path: Path) -> Iterator[Fetcher]:
    """Fetches from the origin into ``tmp_path/work``, with short waits."""
    made = Fetcher(origin, tmp_path / "work")
    yield made
    made.client.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MiB."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("needs root to mount a small tmpfs")
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)], capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("this machine allows no tmpfs mount")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)
