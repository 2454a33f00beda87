"""The bytes of the body, and reuse of the connection for another request.

Public sources: RFC 9112, sections 6 and 9.3; curl/curl#13451 (chunked named twice).
"""

from __future__ import annotations

import pytest

from downloads.engine.core.errors import BadResponse
from downloads.engine.egress.framing import Framing, framing_of
from downloads.engine.egress.head import parse_head


def framing(*lines: str, first: str = "HTTP/1.1 200 OK") -> Framing:
    return framing_of(parse_head("\r\n".join([first, *lines, "", ""]).encode("latin-1")))


@pytest.mark.parametrize(
    "lines",
    [
        ["Content-Length: 5"],
        ["Content-Length: 5", "content-length: 5"],
        ["Content-Length: 5, 5"],
        ["Content-Length: 05"],
        ["Content-Length: 5", "Connection: keep-alive"],
    ],
)
def test_a_length(lines: list[str]) -> None:
    if lines == ["Content-Length: 05"]:
        assert framing(*lines).length == 5
    else:
        assert framing(*lines) == Framing(False, 5, (), False)


@pytest.mark.parametrize(
    "lines",
    [
        ["Content-Length: 5", "Content-Length: 6"],
        ["Content-Length: 5, 6"],
        ["Content-Length: -5"],
        ["Content-Length: 0x5"],
        ["Content-Length: 5 6"],
        ["Content-Length: 1e5"],
        ["Content-Length: 5,000"],
        ["Content-Length: 99999999999999999999"],
        ["Content-Length: 5\rX: y"],
        ["Content-Length: 5", " 6"],
        ["Content-Length: 9223372036854775808"],
        ["Content-Length : 5", "Content-Length: 6"],
        ["Transfer-Encoding: xchunked"],
        ["Transfer-Encoding: chunked, gzip"],
        ["Transfer-Encoding: chunked;q=1"],
        ["Transfer-Encoding: \x0bchunked"],
        ["Transfer-Encoding: chunked\x0b", "Content-Length: 5"],
        ["Transfer-Encoding: cow", "Content-Length: 5"],
    ],
)
def test_what_has_no_one_end(lines: list[str]) -> None:
    with pytest.raises(BadResponse):
        framing(*lines)


@pytest.mark.parametrize(
    ("value", "length"),
    [
        ("+5", 5), ("5,", 5), (", 5", 5), ("5 5", 5), ("5;", 5), ("5; x=y", 5), ("5 bytes", 5),
        ("5x", 5), ("5.0", 5), ('"5"', 5), ("5, +5", 5), ("", None), ("null", None), ("NaN", None),
    ],
)  # fmt: skip
def test_a_length_with_something_around_it(value: str, length: int | None) -> None:
    assert framing(f"Content-Length: {value}") == Framing(False, length, (), True, doubtful=True)


def test_zeros_before_a_length() -> None:
    assert framing("Content-Length: 005", "Content-Length: 5") == Framing(False, 5, (), False)


@pytest.mark.parametrize(
    ("lines", "closes"),
    [
        (["Transfer-Encoding: chunked"], False),
        (["Transfer-Encoding: CHUNKED"], False),
        (["Transfer-Encoding:\tchunked "], False),
        (["Transfer-Encoding: chunked", "Content-Length: 5"], True),
        (["Content-Length: 5", "Content-Length: 6", "Transfer-Encoding: chunked"], True),
        (["Content-Length: x", "Transfer-Encoding: chunked"], True),
        (["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], True),
        (["Transfer-Encoding: identity, chunked"], True),
        (["Transfer-Encoding : chunked"], True),
        (["Transfer-Encoding:", " chunked"], True),
        (["Transfer-Encoding: chunked", "Connection: Keep-Alive, Close"], True),
    ],
)
def test_chunks(lines: list[str], closes: bool) -> None:
    assert framing(*lines) == Framing(True, None, (), closes)


def test_one_of_http_1_0_is_honoured_and_closes() -> None:
    lines = ["Transfer-Encoding: chunked", "Connection: keep-alive"]
    assert framing(*lines, first="HTTP/1.0 200 OK") == Framing(True, None, (), True)


@pytest.mark.parametrize(
    "coding", ["identity", "Identity", "binary", "none", "8bit", "utf-8", "identity, identity"]
)
def test_words_that_name_no_coding(coding: str) -> None:
    lines = [f"Transfer-Encoding: {coding}", "Content-Length: 5"]
    assert framing(*lines) == Framing(False, 5, (), True)
    assert framing(lines[0]) == Framing(False, None, (), True)


def test_codings_beneath_the_chunks() -> None:
    assert framing("Transfer-Encoding: gzip, chunked") == Framing(True, None, ("gzip",), False)
    assert framing("Transfer-Encoding: gzip") == Framing(False, None, ("gzip",), True)


@pytest.mark.parametrize("status", [204, 304])
def test_no_body(status: int) -> None:
    lines = ["Content-Length: 5"]
    assert framing(*lines, first=f"HTTP/1.1 {status} X") == Framing(False, 0, (), False)


@pytest.mark.parametrize(
    ("first", "connection", "closes"),
    [
        ("HTTP/1.1 200 OK", "", False),
        ("HTTP/1.1 200 OK", "close", True),
        ("HTTP/1.1 200 OK", "x, CLOSE", True),
        ("HTTP/1.1 200 OK", "keep-alive", False),
        ("HTTP/1.0 200 OK", "", True),
        ("HTTP/1.0 200 OK", "Keep-Alive", False),
        ("HTTP/1.0 200 OK", "keep-alive, close", True),
        ("HTTP/2 200", "keep-alive", True),
        ("ICY 200 OK", "keep-alive", True),
    ],
)
def test_keeping_the_connection(first: str, connection: str, closes: bool) -> None:
    lines = ["Content-Length: 5", f"Connection: {connection}"]
    assert framing(*lines, first=first).closes is closes


def test_until_the_end_of_the_connection() -> None:
    assert framing() == Framing(False, None, (), True)
