"""The steps of an attempt as spans of a trace; of no effect unless a collector is named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opentelemetry import trace
from opentelemetry.trace import Span, StatusCode

if TYPE_CHECKING:
    from opentelemetry.util._decorator import _AgnosticContextManager

_TRACER: Final = trace.get_tracer("ferry.worker")


def step(name: str, **facts: Any) -> _AgnosticContextManager[Span]:
    """Return a span for a block or, as a decorator, for each call.

    An exception is not recorded: its text may hold an address with its secrets.
    """
    return _TRACER.start_as_current_span(
        name, attributes=facts, record_exception=False, set_status_on_exception=False
    )


def mark_failed(code: str) -> None:
    """Mark the step that is under way as failed by an error of this code."""
    span = trace.get_current_span()
    span.set_attribute("error.type", code)
    span.set_status(StatusCode.ERROR)
