from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.transfer.harness import Fetcher
from tests.support.origin import Origin
from tests.support.s3_fixtures import door, server
from tests.support.small_disk import small_disk

__all__ = ["door", "server", "small_disk"]


@pytest.fixture(scope="session", autouse=True)
def _redis_for_all() -> None:
    """The engine needs none."""


@pytest.fixture
def fetcher(origin: Origin, tmp_path: Path) -> Iterator[Fetcher]:
    """Fetches from the origin into ``tmp_path/work``, with short waits."""
    made = Fetcher(origin, tmp_path / "work")
    yield made
    made.client.close()
