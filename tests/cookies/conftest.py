from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.people import alice, bob
from tests.transfer.origin import Origin

__all__ = ["alice", "bob"]


@pytest.fixture
def origin(settings: Any) -> Iterator[Origin]:
    """A source on loopback that fetching may reach, and that remembers the cookies it got."""
    settings.FETCH_ALLOWED_NETWORKS = "127.0.0.0/8"
    running = Origin()
    yield running
    running.close()
