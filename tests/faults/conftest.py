from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.transfer.conftest import fetcher
from tests.faults.walled import Walled
from tests.stack.conftest import database_url
from tests.support.origins import inside
from tests.support.small_disk import small_disk
from tests.support.stack import Person, Stack
from tests.support.streaming.fixtures import media, streaming
from tests.support.streaming.media import Media
from tests.support.streaming.origin import StreamingOrigin

__all__ = ["database_url", "fetcher", "media", "small_disk", "streaming"]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[Stack]:
    folder: Path = tmp_path_factory.mktemp("stack")
    with Stack(folder, database_url=database_url, FETCH_CONNECTIONS="2") as running:
        yield running


@pytest.fixture(scope="module")
def alice(stack: Stack) -> Person:
    return stack.person("alice")


@pytest.fixture(scope="module")
def walled(
    media: Media, tmp_path_factory: pytest.TempPathFactory, database_url: str
) -> Iterator[Walled]:
    """A stack that may reach one origin on loopback; beside it something inside listens."""
    origin = StreamingOrigin(media.root)
    stack = Stack(
        tmp_path_factory.mktemp("walled"),
        database_url=database_url,
        FETCH_ALLOWED_NETWORKS=f"127.0.0.1/32:{origin.port}",
        FETCH_HOST_CONCURRENCY="16",
        WORKER_CONCURRENCY="6",
    )
    with inside("::") as canary, stack:
        yield Walled(stack, stack.person("alice"), origin, canary)
    origin.close()
