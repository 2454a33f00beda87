from __future__ import annotations

from tests.runner.conftest import films
from tests.stack.conftest import database_url, stack
from tests.streaming.fixtures import media, streaming

__all__ = ["database_url", "films", "media", "stack", "streaming"]
