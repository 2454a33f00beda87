"""An attempt as a trace, as OpenTelemetry's own recorder has it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from downloads.engine.core.cancellation import StopToken
from downloads.jobs import runner
from tests.support.content import content
from tests.support.ledger import ask, claim_by, person, worker
from tests.support.origin import Origin

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def spans() -> InMemorySpanExporter:
    recorder = InMemorySpanExporter()
    provider = trace.get_tracer_provider()
    if not isinstance(provider, TracerProvider):  # one a process
        provider = TracerProvider()
        trace.set_tracer_provider(provider)
    provider.add_span_processor(SimpleSpanProcessor(recorder))
    return recorder


def _by_name(spans: Sequence[ReadableSpan]) -> dict[str, ReadableSpan]:
    return {span.name: span for span in spans}


def test_an_attempt_and_its_steps(origin: Origin, spans: InMemorySpanExporter) -> None:
    origin.serve("/a.mp4", content(1000))
    download = ask(person("alice"), origin.url("/a.mp4"))
    runner.run(claim_by(worker()), StopToken())
    found = _by_name(spans.get_finished_spans())
    assert set(found) == {"download", "resolve", "fetch", "store"}
    assert dict(found["download"].attributes or {}) == {
        "attempt": 1,
        "rendition": str(download.rendition_id),
        "download": str(download.pk),
    }
    assert {span.context.trace_id for span in found.values() if span.context} == {
        found["download"].context.trace_id  # type: ignore[union-attr]
    }


def test_a_failure_tells_its_code_and_no_address(
    origin: Origin, spans: InMemorySpanExporter
) -> None:
    ask(person("alice"), origin.url("/gone.mp4?token=HUSH"))
    runner.run(claim_by(worker()), StopToken())
    found = _by_name(spans.get_finished_spans())
    assert (found["download"].attributes or {})["error.type"] == "unavailable"
    assert not found["download"].status.is_ok
    assert "HUSH" not in "".join(span.to_json() for span in found.values())
