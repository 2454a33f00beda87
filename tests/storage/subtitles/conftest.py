from __future__ import annotations

from tests.jobs.conftest import films
from tests.support.shared_stack import stack
from tests.support.streaming.fixtures import media, streaming

__all__ = ["films", "media", "stack", "streaming"]
