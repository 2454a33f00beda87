"""Traces reach a collector that speaks OTLP over HTTP."""

from __future__ import annotations

import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.support.shell import ROOT
from tests.support.stack import clean_environment

REQUEST = """
import django
django.setup()
from django.test import Client
Client().get("/healthz?sig=HUSH", headers={"X-Request-ID": "proxy-7"})
"""


def test_a_request_reaches_the_collector(tmp_path: Path) -> None:
    bodies: list[tuple[str, bytes]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{server.server_port}/"
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
    server.shutdown()
    server.server_close()
    ((path, body),) = bodies
    assert path == "/v1/traces"
    assert b"HUSH" not in body
    (told,) = ExportTraceServiceRequest.FromString(body).resource_spans
    facts = {one.key: one.value.string_value for one in told.resource.attributes}
    assert facts["service.name"] == "ferry"
    (span,) = told.scope_spans[0].spans
    asked = {one.key: one.value.string_value for one in span.attributes}
    assert (span.name, asked["url.path"], asked["request_id"]) == ("GET", "/healthz", "proxy-7")
