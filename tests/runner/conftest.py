from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from downloads import conf
from tests.transfer.origin import Origin


@pytest.fixture
def origin(settings: Any) -> Iterator[Origin]:
    """A source on loopback that fetching may reach."""
    settings.FETCH_ALLOWED_NETWORKS = "127.0.0.0/8"
    running = Origin()
    yield running
    running.close()


@pytest.fixture(autouse=True)
def _no_parts() -> None:
    """Nothing that an earlier test left unfinished."""
    shutil.rmtree(conf.work_dir(), ignore_errors=True)
