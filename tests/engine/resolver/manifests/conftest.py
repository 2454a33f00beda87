from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from downloads.engine.egress.client import Client, Limits
from downloads.engine.egress.policy import AddressPolicy, parse_allowed_networks
from downloads.engine.resolver.manifests.parsing import Parser
from tests.engine.resolver.manifests.served import Loader, Served
from tests.support.streaming.fixtures import media, streaming
from tests.support.streaming.origin import StreamingOrigin

__all__ = ["media", "streaming"]

Make = Callable[..., Client]


@pytest.fixture(scope="session", autouse=True)
def _redis_for_all() -> None:
    """Manifests need none."""


@pytest.fixture(scope="session")
def parser() -> Iterator[Parser]:
    with_one = Parser()
    with_one.warm()
    yield with_one
    with_one.close()


@pytest.fixture
def client(streaming: StreamingOrigin) -> Iterator[Client]:
    """May reach the origin and nothing else on loopback."""
    policy = AddressPolicy(
        allowed_networks=parse_allowed_networks(f"127.0.0.1/32:{streaming.port}")
    )
    with Client(policy, limits=Limits(connect_timeout=5.0, read_timeout=10.0)) as made:
        yield made


@pytest.fixture
def served(streaming: StreamingOrigin, client: Client, parser: Parser) -> Served:
    return Served(streaming, client, parser)


@pytest.fixture
def fragments(streaming: StreamingOrigin, client: Client, parser: Parser) -> Loader:
    return Loader(streaming, client, parser)
