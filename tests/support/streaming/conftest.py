from __future__ import annotations

import pytest

from tests.support.streaming.fixtures import media, streaming

__all__ = ["media", "streaming"]


@pytest.fixture(scope="session", autouse=True)
def _redis_for_all() -> None:
    """Media needs none."""
