from __future__ import annotations

import pytest

from tests.support.streaming.fixtures import media, streaming

__all__ = ["media", "streaming"]


@pytest.fixture(scope="session", autouse=True)
def redis_server() -> None:
    """Media needs none."""
