from __future__ import annotations

from tests.runner.conftest import films
from tests.stack.shared import stack
from tests.streaming.fixtures import media, streaming

__all__ = ["films", "media", "stack", "streaming"]
