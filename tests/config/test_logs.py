from __future__ import annotations

import logging
import sys

import pytest

from config.server.logs import LineFormatter, scrub


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
