from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator

import pytest

from downloads.engine.egress.client import Client, Limits, Response
from downloads.engine.egress.policy import AddressPolicy, parse_allowed_networks
from tests.support.origins import raw_origin as origin
from tests.support.raw_origin import RawOrigin

__all__ = ["origin"]

QUICK = Limits(connect_timeout=5.0, read_timeout=10.0)
HASTY = Limits(connect_timeout=0.3, read_timeout=0.3)


@pytest.fixture
def canary() -> Iterator[RawOrigin]:
    """A server inside that no request may reach."""
    with RawOrigin() as server:
        yield server
        # One of our own comes last in the queue: had there been another, it would count two.
        with socket.socket() as own:
            own.connect(("127.0.0.1", server.port))
        while not server.connections:
            time.sleep(0.001)
        assert server.connections == 1


@pytest.fixture
def allow() -> Iterator[Callable[..., Client]]:
    """A client that may reach these origins on loopback and nothing else there."""
    made: list[Client] = []

    def make(*origins: RawOrigin, **options: object) -> Client:
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
def client(origin: RawOrigin, allow: Callable[..., Client]) -> Client:
    return allow(origin)


@pytest.fixture
def hasty(origin: RawOrigin, allow: Callable[..., Client]) -> Client:
    """Gives up soon, for what never comes."""
    return allow(origin, limits=HASTY)


def read_all(response: Response) -> bytes:
    view = memoryview(bytearray(65536))
    parts = []
    while count := response.read_into(view):
        parts.append(bytes(view[:count]))
    return b"".join(parts)
