from __future__ import annotations

from tests.support.streaming.fixtures import media, streaming

__all__ = ["media", "streaming"]
