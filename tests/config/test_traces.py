"""Traces reach a collector that speaks OTLP over HTTP."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.support.answers import respond
from tests.support.origin import Origin
from tests.support.shell import ROOT
from tests.support.stack import clean_environment

REQUEST = """
import django
django.setup()
from django.test import Client
Client().get("/healthz?sig=HUSH", headers={"X-Request-ID": "proxy-7"})
"""


def test_a_request_reaches_the_collector(tmp_path: Path, origin: Origin) -> None:
    origin.answers["/v1/traces"] = respond()
    endpoint = origin.url("/")
    environment = clean_environment(
        tmp_path,
        OTEL_EXPORTER_OTLP_ENDPOINT=endpoint,
        ALLOWED_HOSTS="testserver",
        SECRET_KEY="k" * 60,
        DJANGO_SETTINGS_MODULE="config.settings.base",
    )
    subprocess.run(
        [sys.executable, "-c", REQUEST], cwd=ROOT, env=environment, check=True, timeout=60
    )
    (asked,) = origin.log
    assert asked.target == "/v1/traces"
    assert b"HUSH" not in asked.body
    (told,) = ExportTraceServiceRequest.FromString(asked.body).resource_spans
    facts = {one.key: one.value.string_value for one in told.resource.attributes}
    assert facts["service.name"] == "ferry"
    (span,) = told.scope_spans[0].spans
    said = {one.key: one.value.string_value for one in span.attributes}
    assert (span.name, said["url.path"], said["request_id"]) == ("GET", "/healthz", "proxy-7")
