"""Ferry below a path, behind a real nginx that strips the path and one that leaves it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.server.supervisor.port import ReservedPort
from tests.support.browser import chromium
from tests.support.database import own_database
from tests.support.nginx import Nginx, example
from tests.support.shared_stack import Elsewhere
from tests.support.stack import Stack

PREFIX = "/ferry"
SLASH = "proxy_pass http://ferry/;"  # nginx replaces the location's path by that of the address


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.stack)
            item.add_marker(pytest.mark.timeout(180))


@pytest.fixture(scope="session")
def below(tmp_path_factory: pytest.TempPathFactory, elsewhere: Elsewhere) -> Iterator[Stack]:
    """A Ferry of which everything lies below PREFIX."""
    told = {
        "URL_PREFIX": f"{PREFIX}/",
        "HOST": "::",  # of both families: the proxy's address comes as ::ffff:127.0.0.1
        "TRUSTED_PROXIES": "127.0.0.1",
        "CORS_ALLOWED_ORIGINS": elsewhere.url(""),
    }
    with (
        own_database(migrated=True) as url,
        Stack(tmp_path_factory.mktemp("below"), database_url=url, **told) as running,
    ):
        yield running


@pytest.fixture(scope="session")
def sites(below: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The addresses of Ferry behind the two: ``leaves`` and ``strips``."""
    ports = {"leaves": ReservedPort(), "strips": ReservedPort()}
    text = example(upstream=f"127.0.0.1:{below.port}", location=f"location {PREFIX}/ {{")
    beside, start, server = text.partition("server {")
    leaves, strips = (plain(start + server, port.number) for port in ports.values())
    strips = strips.replace("proxy_pass http://ferry;", SLASH)
    assert SLASH in strips
    folder = tmp_path_factory.mktemp("nginx")
    with Nginx(folder, f"{beside}{leaves}{strips}", ports["strips"].number):
        yield {name: f"http://127.0.0.1:{port.number}{PREFIX}" for name, port in ports.items()}
    for port in ports.values():
        port.release()


def plain(server: str, port: int) -> str:
    """Without TLS, and with the port in the name that Ferry sees."""
    server = re.sub(r".*(ssl_certificate|listen ).*\n", "", server)
    return server.replace("{", f"{{\n    listen 127.0.0.1:{port};", 1).replace(
        "Host $host;", f"Host $host:{port};"
    )


@pytest.fixture(params=["leaves", "strips"])
def site(request: pytest.FixtureRequest, sites: dict[str, str]) -> str:
    return sites[request.param]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as started:
        yield started
