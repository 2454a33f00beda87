"""Fixtures of origins. ``tests/conftest.py`` has those that stand in ``__all__``, for all tests."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.support.certificate import trusted
from tests.support.origin import Origin

__all__ = ["canary", "origin", "secure_origin"]


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as running:
        yield running


@pytest.fixture
def secure_origin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Origin]:
    """One over TLS, as ``localhost``, that this process trusts."""
    with trusted(tmp_path, monkeypatch) as context, Origin(tls=context) as running:
        yield running


@pytest.fixture
def reachable_origin(settings: Any, origin: Origin) -> Origin:
    """One that the platform may fetch from, on loopback as it is."""
    settings.FETCH_ALLOWED_NETWORKS = "127.0.0.0/8"
    return origin


@contextmanager
def inside(host: str = "127.0.0.1") -> Iterator[Origin]:
    """A server that no connection may reach. The kernel hands its port out to none: else a late
    client of another test's server, which had the same, could come by."""
    for port in random.sample(range(20_000, 32_000), 20):
        with suppress(OSError):  # another program has it
            running = Origin(host=host, port=port)
            break
    with running:
        yield running


@pytest.fixture
def canary() -> Iterator[Origin]:
    """A server inside that no request may reach."""
    with inside() as running:
        yield running
        # One of our own comes last in the queue: had there been another, it would count two.
        with socket.socket() as own:
            own.connect(("127.0.0.1", running.port))
            running.settle()
        assert running.connections == 1
