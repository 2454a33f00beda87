from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.people import alice, bob
from tests.support.shared_stack import stack
from tests.support.webhook_receiver import Receiver

__all__ = ["alice", "bob", "stack"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


@pytest.fixture
def loopback(settings: Any) -> None:
    """The setting of an administrator who allows receivers on this host."""
    settings.FETCH_ALLOWED_NETWORKS = "127.0.0.0/8"
