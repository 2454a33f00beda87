"""The ids that all log lines of one request or one job have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

_facts: ContextVar[Mapping[str, str]] = ContextVar("log_context", default={})  # noqa: B039


def log_context() -> Mapping[str, str]:
    """Return the facts of this thread's or task's request or job."""
    return _facts.get()


@contextmanager
def in_log_context(**facts: str) -> Iterator[None]:
    """Add the facts to each log line of the block. A thread begun in it does not inherit them."""
    before = _facts.set({**_facts.get(), **facts})
    try:
        yield
    finally:
        _facts.reset(before)
