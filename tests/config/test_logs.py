from __future__ import annotations

import io
import json
import logging
import re
import sys
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from config.server.logs import JsonFormatter, LineFormatter, scrub
from config.server.supervisor.console import JsonConsole
from downloads.engine.core.log_context import in_log_context


def _line(message: str, *args: object, **extra: object) -> str:
    record = logging.getLogger("downloads.jobs.runner").makeRecord(
        "downloads.jobs.runner", logging.INFO, "file", 1, message, args, None, extra=extra
    )
    return LineFormatter().format(record)


def test_extras_become_pairs() -> None:
    line = _line("claimed by %s", "w1", download="4f1c", reason='says "no"')
    assert line.endswith(
        'info    downloads.jobs.runner claimed by w1 download=4f1c reason="says \\"no\\""'
    )


def test_a_message_cannot_forge_a_second_line() -> None:
    assert "\n" not in _line("name: %s", "a\n12:00:00 error fake")
    assert "\x1b" not in _line("\x1b[2J")


def test_an_exception_stays_on_the_line() -> None:
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        info = sys.exc_info()
    record = logging.LogRecord("x", logging.ERROR, "file", 1, "failed", (), info)
    line = LineFormatter().format(record)
    assert "\n" not in line
    assert 'error="ValueError: first\\nsecond"' in line
    assert "test_logs.py:" in line


@pytest.mark.parametrize(
    "text",
    [
        "GET https://cdn.example/a.mp4?sig=HUSH&x=1",
        "GET /api/v1/downloads/1/file/?signature=HUSH HTTP/1.1",
        "redis://:HUSH@127.0.0.1:6379/0",
        "postgres://ferry:HUSH@db/ferry",
        "Authorization: Bearer HUSH",
        "{'Authorization': 'Basic HUSH'}",
        "{'cookie': 'sessionid=HUSH; a=b'}",
        "token was Bearer HUSH",
        "ws://host/ws/downloads/?ticket=HUSH",
    ],
)
def test_secrets_are_taken_out(text: str) -> None:
    assert "HUSH" not in scrub(text)


def test_what_is_no_secret_stays() -> None:
    text = "fetched https://cdn.example/a.mp4 into 4f1c/a.mp4, did it work? yes"
    assert scrub(text) == text


@pytest.mark.parametrize(
    "letter",
    ["\x9b", "\x85", "\u202e", "\u2066", "\u200f", "\u2028", "\ud800", "\x00", "\r"],
    ids=ascii,
)
def test_what_a_terminal_acts_on_is_escaped(letter: str) -> None:
    line = _line("name: %s", f"a{letter}b", title=f"c{letter}d")
    assert letter not in line
    assert "a\\" in line


def test_a_message_is_cut_before_it_is_read() -> None:
    line = _line("%s", "m" * 100_000, title="t" * 100_000)
    assert len(line) < 10_000


@pytest.mark.parametrize(
    "text",
    [
        "redis://:a@HUSH'HUSH@127.0.0.1:6379/0",
        "x=/a/b/?s=HUSH",
        "(https://cdn.example/a#HUSH)",
        "//u:HUSH@host/x",
    ],
)
def test_odd_places_of_secrets(text: str) -> None:
    assert "HUSH" not in scrub(text)


# --- JSON --------------------------------------------------------------------------------


def _object(message: str, *args: object, **extra: object) -> dict[str, Any]:
    record = logging.getLogger("downloads.jobs.store").makeRecord(
        "downloads.jobs.store", logging.INFO, "file", 1, message, args, None, extra=extra
    )
    line = JsonFormatter().format(record)
    assert line.isascii()
    assert "\n" not in line
    found: dict[str, Any] = json.loads(line)
    assert datetime.fromisoformat(found.pop("time")).utcoffset() == timedelta(0)
    return found


def test_the_pairs_of_a_message_become_members() -> None:
    assert _object("composed rendition=%s size=%d", "4f1c", 7, ms=3) == {
        "level": "info",
        "logger": "downloads.jobs.store",
        "message": "composed",
        "rendition": "4f1c",
        "size": 7,
        "ms": 3,
    }


@pytest.mark.parametrize(
    ("message", "args", "said"),
    [
        ("%s %s", ("GET", "/a"), "GET /a"),
        ("claimed by %s download=%s", ("w1", "4f1c"), "claimed by w1 download=4f1c"),
        ("100 %% of a=%s", ("b",), "100 % of a=b"),
        ("plain", (), "plain"),
        ("a=%(a)s", ({"a": "b"},), "a=b"),
    ],
)
def test_other_messages_stay_whole(message: str, args: tuple[Any, ...], said: str) -> None:
    assert _object(message, *args)["message"] == said


def test_no_secret_and_no_end_in_json() -> None:
    found = _object("a url=%s", "https://u:HUSH@a/b?c=HUSH", title="t" * 100_000, level="fake")
    assert "HUSH" not in str(found)
    assert len(found["title"]) < 5000
    assert found["level"] == "info"


def test_an_exception_has_its_members() -> None:
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        info = sys.exc_info()
    record = logging.LogRecord("x", logging.ERROR, "file", 1, "failed", (), info)
    found = json.loads(JsonFormatter().format(record))
    assert found["error"] == "ValueError: first\nsecond"
    assert "test_logs.py:" in found["trace"]


@pytest.mark.parametrize("message", ["muxed", "muxed rendition=%s"])
def test_the_ids_of_a_job_are_on_each_line_once(message: str) -> None:
    with in_log_context(rendition="4f1c", download="a,b"):
        args = ("4f1c",) if "%s" in message else ()
        assert _line(message, *args).count("rendition=4f1c") == 1
        assert _object(message, *args)["download"] == "a,b"
    assert "rendition" not in _object("muxed")


def test_a_log_of_many_processes_in_json() -> None:
    out = io.BytesIO()
    console = JsonConsole(out)
    console.line("worker", b'{"time": "t", "level": "info", "message": "stored"}')
    console.line("redis", b"* Ready \xff")
    console.line("web", b'["no object"]')
    console.say("Stopping ...")
    found = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [(one["process"], one["message"]) for one in found] == [
        ("worker", "stored"),
        ("redis", "* Ready \ufffd"),
        ("web", '["no object"]'),
        ("up", "Stopping ..."),
    ]
    assert all({"time", "level"} <= set(one) for one in found)


def test_a_request_has_an_id(client: Client) -> None:
    given = client.get("/healthz", headers={"X-Request-ID": "proxy-7"})
    made = client.get("/healthz", headers={"X-Request-ID": "a b\x7f"})
    assert given["X-Request-ID"] == "proxy-7"
    assert re.fullmatch("[0-9a-f]{32}", made["X-Request-ID"])
