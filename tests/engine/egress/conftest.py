from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from downloads.engine.egress.client import Client, Limits, Response
from downloads.engine.egress.policy import AddressPolicy, parse_allowed_networks
from tests.support.names import names
from tests.support.origin import Origin

__all__ = ["names"]

QUICK = Limits(connect_timeout=5.0, read_timeout=10.0)
HASTY = Limits(connect_timeout=0.3, read_timeout=0.3)


@pytest.fixture
def allow() -> Iterator[Callable[..., Client]]:
    """A client that may reach these origins on loopback and nothing else there."""
    made: list[Client] = []

    def make(*origins: Origin, **options: object) -> Client:
        text = ",".join(
            f"[{one.host}]/128:{one.port}" if ":" in one.host else f"{one.host}/32:{one.port}"
            for one in origins
        )
        policy = AddressPolicy(allowed_networks=parse_allowed_networks(text))
        client = Client(policy, **{"limits": QUICK, **options})  # type: ignore[arg-type]
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(origin: Origin, allow: Callable[..., Client]) -> Client:
    return allow(origin)


@pytest.fixture
def hasty(origin: Origin, allow: Callable[..., Client]) -> Client:
    """Gives up soon, for what never comes."""
    return allow(origin, limits=HASTY)


def read_all(response: Response) -> bytes:
    view = memoryview(bytearray(65536))
    parts = []
    while count := response.read_into(view):
        parts.append(bytes(view[:count]))
    return b"".join(parts)
