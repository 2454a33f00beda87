from __future__ import annotations

from collections.abc import Iterator

import pytest

from downloads.engine.egress.client import Client, Limits
from downloads.engine.egress.policy import AddressPolicy, parse_allowed_networks
from tests.support.origins import raw_origin as origin
from tests.support.raw_origin import RawOrigin

__all__ = ["origin"]


@pytest.fixture
def client(origin: RawOrigin) -> Iterator[Client]:
    policy = AddressPolicy(allowed_networks=parse_allowed_networks(f"127.0.0.1:{origin.port}"))
    with Client(policy, limits=Limits(connect_timeout=2.0, read_timeout=2.0)) as made:
        yield made
