from __future__ import annotations

from collections.abc import Iterator

import pytest

from downloads.engine.egress.client import Client, Limits
from downloads.engine.egress.policy import AddressPolicy, parse_allowed_networks
from tests.support.origin import Origin


@pytest.fixture
def client(origin: Origin) -> Iterator[Client]:
    policy = AddressPolicy(allowed_networks=parse_allowed_networks(f"127.0.0.1:{origin.port}"))
    with Client(policy, limits=Limits(connect_timeout=2.0, read_timeout=2.0)) as made:
        yield made
