from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.daphne import Daphne
from tests.support.ledger import person
from tests.support.redis_server import RedisServer


@pytest.fixture(scope="package")
def server(django_db_setup: None, django_db_blocker: Any) -> Iterator[Daphne]:
    with django_db_blocker.unblock():
        running = Daphne()
        running.start()
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def _committed(transactional_db: None) -> None:
    """The web process sees only what is committed."""


@pytest.fixture
def redis(redis_server: RedisServer) -> Iterator[RedisServer]:
    """A Redis that is running again after the test."""
    yield redis_server
    redis_server.thaw()
    redis_server.start()


@pytest.fixture
def alice() -> Any:
    return person("alice")


@pytest.fixture
def bob() -> Any:
    return person("bob")
