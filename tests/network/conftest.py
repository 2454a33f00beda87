from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.origin import Origin
from tests.support.people import alice, bob

__all__ = ["alice", "bob"]


@pytest.fixture
def origin(settings: Any) -> Iterator[Origin]:
    """A source on loopback that fetching may reach, and that remembers the cookies it got."""
    settings.FETCH_ALLOWED_NETWORKS = "127.0.0.0/8"
    running = Origin()
    yield running
    running.close()
