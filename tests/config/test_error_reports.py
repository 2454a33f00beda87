"""Errors reach a server that speaks Sentry's protocol, and no secret goes with them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import brotli
import pytest

from config import env
from config.start_error import StartError
from tests.support.answers import respond
from tests.support.origin import Origin
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


def events(origin: Origin) -> list[dict[str, Any]]:
    """The events of the envelopes that it got."""
    bodies = [brotli.decompress(asked.body) for asked in origin.log]
    items = [item for body in bodies for item in body.split(b"\n")[1:]]
    return [json.loads(item) for item in items if b'"event_id"' in item]


def test_errors_are_reported_without_secrets(tmp_path: Path, origin: Origin) -> None:
    origin.answers["/api/7/envelope/"] = respond(b"{}")
    dsn = origin.url("/7").replace("://", "://key@")
    variables = {"SENTRY_DSN": dsn, "ALLOWED_HOSTS": "testserver", "SECRET_KEY": "k" * 60}
    environment = clean_environment(tmp_path, **variables)
    environment["DJANGO_SETTINGS_MODULE"] = "config.settings.base"
    subprocess.run(
        [sys.executable, "-c", FAILING], cwd=ROOT, env=environment, check=True, timeout=60
    )
    assert {asked.target for asked in origin.log} == {"/api/7/envelope/"}
    sent = events(origin)
    told = {event["exception"]["values"][-1]["type"]: event for event in sent}
    assert set(told) == {"ZeroDivisionError", "OSError"}
    assert "HUSH" not in json.dumps(sent)
    assert told["OSError"]["tags"]["download"] == "4f1c"
    assert told["ZeroDivisionError"]["tags"]["request_id"]


@pytest.mark.parametrize("dsn", ["nonsense", "https://sentry.example.org/7", "https://key@host"])
def test_a_wrong_address_is_told_at_the_start(monkeypatch: pytest.MonkeyPatch, dsn: str) -> None:
    monkeypatch.setenv("SENTRY_DSN", dsn)
    with pytest.raises(StartError, match=r"SENTRY_DSN.*KEY@") as caught:
        env.load()
    assert dsn not in str(caught.value)
