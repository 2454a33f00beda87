from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from downloads.engine.egress.client import Client, Limits
from downloads.engine.egress.policy import AddressPolicy, parse_allowed_networks
from downloads.engine.egress.proxy import EgressProxy
from downloads.engine.resolver.ytdlp.extraction import Extraction
from tests.engine.resolver.ytdlp import stand_in
from tests.engine.resolver.ytdlp.stand_in import Site
from tests.support.origins import canary
from tests.support.origins import raw_origin as origin
from tests.support.raw_origin import RawOrigin

__all__ = ["canary", "origin"]

NAMES = [
    "youtube.com", "*.youtube.com", "youtu.be", "*.googlevideo.com", "i.ytimg.com",
    "vimeo.com", "*.vimeo.com", "*.vimeocdn.com", "*.example.com",
]  # fmt: skip


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return stand_in.make_certificates(tmp_path_factory.mktemp("certificates"), NAMES)


@pytest.fixture(scope="session")
def proxy() -> Iterator[EgressProxy]:
    server = EgressProxy().start()
    yield server
    server.close()


@pytest.fixture(scope="session")
def extraction(proxy: EgressProxy, certificates: tuple[Path, Path]) -> Iterator[Extraction]:
    """One warm child for all tests, as in a worker."""
    with Extraction(lambda: proxy, certificates=certificates[0], size=1) as made:
        made.warm()
        yield made


@pytest.fixture
def site(certificates: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    with Site(certificates[1]) as server:
        monkeypatch.setattr("socket.getaddrinfo", stand_in.resolving(server))
        yield server


@pytest.fixture
def client(origin: RawOrigin) -> Iterator[Client]:
    """May reach the origin and nothing else on loopback."""
    policy = AddressPolicy(allowed_networks=parse_allowed_networks(f"127.0.0.1:{origin.port}"))
    with Client(policy, limits=Limits(connect_timeout=5.0, read_timeout=10.0)) as made:
        yield made


@pytest.fixture
def site_client(site: Site) -> Iterator[Client]:
    """May reach the stand-in and nothing else on loopback."""
    ways = f"127.0.0.1:{site.port},127.0.0.1:443"  # asked for 443, led to the stand-in's port
    policy = AddressPolicy(allowed_networks=parse_allowed_networks(ways))
    with Client(policy) as made:
        yield made
