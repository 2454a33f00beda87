from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from downloads.engine.egress.client import Client, Limits
from downloads.engine.egress.policy import AddressPolicy, parse_allowed_networks
from downloads.engine.egress.proxy import EgressProxy
from downloads.engine.resolver import registry
from downloads.engine.resolver.ytdlp.extraction import Extraction
from downloads.engine.resolver.ytdlp.resolver import PageResolver, SiteResolver
from tests.engine.resolver.ytdlp import stand_in
from tests.engine.resolver.ytdlp.stand_in import Site
from tests.support.answers import respond
from tests.support.origin import Origin

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
def client(origin: Origin) -> Iterator[Client]:
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


@pytest.fixture
def chain(extraction: Extraction, monkeypatch: pytest.MonkeyPatch) -> None:
    """The registry's own, with the tests' warm child in it."""
    first, *others, last = registry.RESOLVERS
    assert isinstance(first, SiteResolver)
    assert isinstance(last, PageResolver)
    ends = SiteResolver(extraction), PageResolver(extraction)
    monkeypatch.setattr(registry, "RESOLVERS", (ends[0], *others, ends[1]))


@pytest.fixture
def page(origin: Origin) -> Callable[..., str]:
    def put_up(body: str, path: str = "/watch", title: str = "A page of ours") -> str:
        text = f"<!DOCTYPE html><html><head><title>{title}</title>{body}</head><body></body></html>"
        origin.answers[path] = respond(text.encode(), Content_Type="text/html")
        return origin.url(path)

    return put_up
