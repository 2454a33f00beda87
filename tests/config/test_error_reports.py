"""Errors reach a server that speaks Sentry's protocol, and no secret goes with them."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import brotli
import pytest

from config import env
from config.start_error import StartError
from tests.support.shell import ROOT
from tests.support.stack import clean_environment

FAILING = """
import logging, django
django.setup()
from django.conf import settings
from django.test import Client
from downloads.engine.core.log_context import in_log_context

settings.ROOT_URLCONF = "tests.config.failing_urls"
Client(raise_request_exception=False).get(
    "/fails?sig=HUSH", headers={"Cookie": "sessionid=HUSH", "Authorization": "Bearer HUSH"}
)
with in_log_context(download="4f1c"):
    try:
        local = "HUSH"
        raise OSError("https://cdn.example/a.mp4?token=HUSH")
    except OSError:
        logging.getLogger("downloads.jobs.runner").exception("download failed: unexpected")
"""


class Envelopes:
    """A server that keeps the events of the envelopes that it gets."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.asked: list[str] = []
        kept = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "br":
                    body = brotli.decompress(body)
                _, *items = body.split(b"\n")
                kept.asked.append(self.path)
                kept.events += [json.loads(one) for one in items if b'"event_id"' in one]
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: object) -> None: ...

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def dsn(self) -> str:
        return f"http://key@127.0.0.1:{self._server.server_port}/7"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def test_errors_are_reported_without_secrets(tmp_path: Path) -> None:
    envelopes = Envelopes()
    variables = {"SENTRY_DSN": envelopes.dsn, "ALLOWED_HOSTS": "testserver", "SECRET_KEY": "k" * 60}
    environment = clean_environment(tmp_path, **variables)
    environment["DJANGO_SETTINGS_MODULE"] = "config.settings.base"
    subprocess.run(
        [sys.executable, "-c", FAILING], cwd=ROOT, env=environment, check=True, timeout=60
    )
    envelopes.close()
    assert set(envelopes.asked) == {"/api/7/envelope/"}
    told = {event["exception"]["values"][-1]["type"]: event for event in envelopes.events}
    assert set(told) == {"ZeroDivisionError", "OSError"}
    assert "HUSH" not in json.dumps(envelopes.events)
    assert told["OSError"]["tags"]["download"] == "4f1c"
    assert told["ZeroDivisionError"]["tags"]["request_id"]


@pytest.mark.parametrize("dsn", ["nonsense", "https://sentry.example.org/7", "https://key@host"])
def test_a_wrong_address_is_told_at_the_start(monkeypatch: pytest.MonkeyPatch, dsn: str) -> None:
    monkeypatch.setenv("SENTRY_DSN", dsn)
    with pytest.raises(StartError, match=r"SENTRY_DSN.*KEY@") as caught:
        env.load()
    assert dsn not in str(caught.value)
