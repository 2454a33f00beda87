"""The ids that all log lines of one request or one job have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

LOG_CONTEXT: Final[ContextVar[Mapping[str, str]]] = ContextVar("log_context", default={})  # noqa: B039


@contextmanager
def in_log_context(**facts: str) -> Iterator[None]:
    """Add the facts to each log line of the block. A thread begun in it does not inherit them."""
    before = LOG_CONTEXT.set({**LOG_CONTEXT.get(), **facts})
    try:
        yield
    finally:
        LOG_CONTEXT.reset(before)
