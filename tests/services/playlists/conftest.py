"""Alice pasted a playlist; Bob is a stranger."""

from __future__ import annotations

from typing import Any

import pytest

from downloads.models import Content
from tests.api.conftest import alice, as_alice, as_bob, bob
from tests.services.playlists.arrange import pasted

__all__ = ["alice", "as_alice", "as_bob", "bob", "playlist"]


@pytest.fixture
def playlist(alice: Any) -> Content:
    """Alice's, with five entries."""
    return pasted(alice, 5)
