"""Fixtures to import in a ``conftest.py``: ``media`` and ``streaming``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.streaming.media import Media
from tests.support.streaming.origin import StreamingOrigin


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> Media:
    """One folder for the whole run: the workers of xdist share the parent of their own."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base
    return Media(shared / "streaming-media")


@pytest.fixture
def streaming(media: Media) -> Iterator[StreamingOrigin]:
    server = StreamingOrigin(media.root)
    yield server
    server.close()
