from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from tests.events.ears import Ears
from tests.support.redis_server import RedisServer

_users = itertools.count(10_000)


@pytest.fixture
def ears() -> Iterator[Ears]:
    with Ears() as listening:
        yield listening


@pytest.fixture
def user_id() -> int:
    """A user's id that no other test has."""
    return next(_users)


@pytest.fixture
def redis(redis_server: RedisServer) -> Iterator[RedisServer]:
    yield redis_server
    redis_server.thaw()
    redis_server.start()
