"""Fixtures of origins, to import in a ``conftest.py`` under the name that its tests ask for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.origin import Origin
from tests.support.raw_origin import RawOrigin


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as running:
        yield running


@pytest.fixture
def reachable_origin(settings: Any) -> Iterator[Origin]:
    """One that the platform may fetch from, on loopback as it is."""
    settings.FETCH_ALLOWED_NETWORKS = "127.0.0.0/8"
    with Origin() as running:
        yield running


@pytest.fixture
def raw_origin() -> Iterator[RawOrigin]:
    with RawOrigin() as running:
        yield running


@pytest.fixture
def canary() -> Iterator[RawOrigin]:
    """A server inside that must not be reached."""
    with RawOrigin() as running:
        yield running
        assert running.connections == 0
