from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack.conftest import database_url
from tests.stack.stack import Person, Stack
from tests.streaming.fixtures import media, streaming

__all__ = ["database_url", "media", "streaming"]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[Stack]:
    folder: Path = tmp_path_factory.mktemp("stack")
    with Stack(folder, database_url=database_url, FETCH_CONNECTIONS="2") as running:
        yield running


@pytest.fixture(scope="module")
def alice(stack: Stack) -> Person:
    return stack.person("alice")
