"""Heads as the sources of the world write them, and as browsers and curl read them.

Public sources: snoyberg/http-client#398, python/cpython#69725, python/cpython#131724,
psf/requests#6249, internetstandards/Internet.nl#1374, nathom/streamrip#1033,
seanmonstar/httparse#29,
Chromium's http_response_headers_unittest and http_stream_parser_unittest, curl's tests of heads.
"""

from __future__ import annotations

import pytest

from downloads.engine.core.errors import BadResponse
from downloads.engine.egress.framing import Framing, framing_of
from downloads.engine.egress.head import MAX_HEAD, MAX_INTERIM, Head, HeadReader

OK = b"HTTP/1.1 200 OK\r\n"


def read(block: bytes, limit: int = MAX_HEAD) -> Head:
    head = HeadReader(limit).feed(block)
    assert head is not None
    return head


def refused(block: bytes, match: str, limit: int = MAX_HEAD) -> None:
    with pytest.raises(BadResponse) as caught:
        HeadReader(limit).feed(block)
    assert match in caught.value.detail


@pytest.mark.parametrize(
    "line",
    [
        b"preload",
        b"X-Powered-By : PHP/5.3",
        b"HTTP/1.1 200 OK",
        b": nothing",
        b"X Y: z",
        b"X\xfcY: z",
        b"<b>Warning</b>: Cannot modify header information in /x.php",
        b"GET /x HTTP/1.1: z",
        b"\x01: y",
        b"X: a\x08b",
    ],
)
def test_a_bad_line_costs_nothing_but_the_connection(line: bytes) -> None:
    head = read(OK + b"A: 1\r\n" + line + b"\r\nContent-Length: 5\r\n\r\n")
    assert head.headers["a"] == "1"
    assert head.headers["content-length"] == "5"
    assert head.lenient


@pytest.mark.parametrize(
    ("lines", "name", "value"),
    [
        (b"X: a\r\n", "x", "a"),
        (b"X:a\r\n", "x", "a"),
        (b"X: \t a \t\r\n", "x", "a"),
        (b"X:\r\n", "x", ""),
        (b"x: a\r\nX: b\r\n", "x", "a, b"),
        (b"X: a:b\r\n", "x", "a:b"),
        (b"X: \xc3\xbc\r\n", "x", "\xc3\xbc"),
        (b"X: a\tb\r\n", "x", "a\tb"),
    ],
)
def test_a_good_line(lines: bytes, name: str, value: str) -> None:
    head = read(OK + lines + b"\r\n")
    assert (head.headers[name], head.lenient) == (value, False)


@pytest.mark.parametrize(
    ("lines", "value"),
    [
        (b"X : a\r\n", "a"),
        (b"X\t: a\r\n", "a"),
        (b"X: a\r\n b\r\n", "a b"),
        (b"X: a\r\n\t b\r\n\tc\r\n", "a b c"),
        (b"X:\r\n a\r\n", "a"),
        (b"X: a\n", "a"),
        (b"X: a\r\r\n", "a"),
        (b"X: a\rb\r\n", "a b"),
        (b" folded onto the status line\r\nX: a\r\n", "a"),
    ],
)
def test_an_odd_line_is_read_and_ends_the_connection(lines: bytes, value: str) -> None:
    head = read(OK + lines + b"\r\n")
    assert (head.headers["x"], head.lenient) == (value, True)


@pytest.mark.parametrize(
    ("line", "minor", "status", "reason", "lenient"),
    [
        (b"HTTP/1.1 200 OK", 1, 200, "OK", False),
        (b"HTTP/1.1 200", 1, 200, "", False),
        (b"HTTP/1.1 200 ", 1, 200, "", False),
        (b"HTTP/1.0 404 Nicht gefunden \xfc", 0, 404, "Nicht gefunden \xfc", False),
        (b"HTTP/1.1  200  OK", 1, 200, "OK", True),
        (b"HTTP/1.1 200OK", 1, 200, "OK", True),
        (b"HTTP/1.1\t200 OK", 1, 200, "OK", True),
        (b"http/1.1 200 ok", 1, 200, "ok", True),
        (b"HTTP/1.1 200 O\x02K", 1, 200, "O\x02K", True),
        (b"HTTP 200 OK", 0, 200, "OK", True),
        (b"HTTP/1 200 OK", 0, 200, "OK", True),
        (b"HTTP/0.9 200 OK", 0, 200, "OK", True),
        (b"HTTP/2 200", 1, 200, "", True),
        (b"HTTP/2.0 200 OK", 1, 200, "OK", True),
        (b"HTTP/3 200", 1, 200, "", True),
        (b"HTTP/1.2 200 OK", 1, 200, "OK", True),
        (b"ICY 200 OK", 0, 200, "OK", True),
        (b"\xef\xbb\xbfHTTP/1.1 200 OK", 1, 200, "OK", True),
        (b"HTTP/1.1 999 Denied", 1, 999, "Denied", False),
    ],
)
def test_status_lines(line: bytes, minor: int, status: int, reason: str, lenient: bool) -> None:
    head = read(line + b"\r\nX: a\r\n\r\n")
    assert head == Head(minor, status, reason, (("X", "a"),), lenient)


@pytest.mark.parametrize(
    "line",
    [
        b"SSH-2.0-OpenSSH_9.6",
        b"<html>no status line</html>",
        b"HTTP/1.1 abc",
        b"HTTP/1.1",
        b"HTTP/1.1 20 OK",
        b"HTTP/1.1 2000 OK",
        b"HTTP/1.1 099 X",
        b"HTTP/9.9 200 OK",
        b"HTTPS/1.1 200 OK",
        b"12345HTTP/1.1 200 OK",
        b"220 ftp ready",
        b"\x15\x03\x03\x00\x02\x02\x16",
    ],
)
def test_what_is_no_status_line(line: bytes) -> None:
    refused(line + b"\r\n\r\n", "HTTP")


def test_no_head_at_all_is_told_before_its_end() -> None:
    with pytest.raises(BadResponse) as caught:
        HeadReader().feed(b"\x00\x00\x00\x20ftypisom" * 30)
    assert "does not answer in HTTP" in caught.value.message


def test_bare_lf_and_what_follows_the_head() -> None:
    reader = HeadReader()
    head = reader.feed(b"HTTP/1.1 200 OK\nX: a\n\nbody\n\n")
    assert head == Head(1, 200, "OK", (("X", "a"),), True)
    assert reader.rest == b"body\n\n"


@pytest.mark.parametrize("blank", [b"\r\n", b"\n", b"\r\n\r\n\n"])
def test_blank_lines_in_front(blank: bytes) -> None:
    assert read(blank + OK + b"X: a\r\n\r\n") == Head(1, 200, "OK", (("X", "a"),), True)


def test_no_fields_at_all() -> None:
    assert read(b"HTTP/1.1 204 No Content\r\n\r\n") == Head(1, 204, "No Content", (), False)


@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
def test_byte_by_byte(end: bytes) -> None:
    reader, whole = HeadReader(), end.join([b"HTTP/1.1 200 OK", b"X: a", b" b", b"Y:c", b"", b""])
    for place in range(len(whole) - 1):
        assert reader.feed(whole[place : place + 1]) is None
    head = reader.feed(whole[-1:])
    assert head is not None
    assert head.fields == (("X", "a b"), ("Y", "c"))
    assert reader.rest == b""


def test_many_lines_and_long_ones() -> None:
    lines = b"".join(b"X-%d: y\r\n" % number for number in range(3000))
    head = read(OK + lines + b"Set-Cookie: a=" + b"b" * 40_960 + b"\r\nLast: 1\r\n\r\n")
    assert len(head.fields) == 3002
    assert head.headers["last"] == "1"
    assert not head.lenient


def test_the_bound_is_of_bytes() -> None:
    block = OK + b"X: " + b"a" * 1000 + b"\r\n\r\n"
    assert read(block, len(block)).status == 200
    refused(block, "bytes", len(block) - 1)
    refused(block[:-4], "bytes", 500)


@pytest.mark.parametrize(
    "block",
    [OK + b"X: a\0b\r\n\r\n", OK + b"X\0: a\r\n\r\n", b"HTTP/1.1 200 O\0K\r\n\r\n"],
)
def test_a_nul_is_refused(block: bytes) -> None:
    refused(block, "NUL")


def test_interim_answers_are_skipped() -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nSet-Cookie: early=1\r\n\r\n"
    block = b"HTTP/1.1 100 Continue\r\n\r\n" + hints + b"HTTP/1.1 102 Processing\r\n\r\n"
    reader = HeadReader()
    head = reader.feed(block * 3 + OK + b"X: a\r\n\r\nbody")
    assert head == Head(1, 200, "OK", (("X", "a"),), False)
    assert reader.rest == b"body"


def test_interim_answers_have_an_end() -> None:
    one = b"HTTP/1.1 100 Continue\r\n\r\n"
    assert read(one * MAX_INTERIM + OK + b"\r\n").status == 200
    refused(one * (MAX_INTERIM + 1), "1xx")
    refused((one[:-2] + b"X: " + b"a" * 200 + b"\r\n\r\n") * 8, "bytes", 1024)


def test_an_upgrade_is_the_last_word() -> None:
    head = HeadReader().feed(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nother")
    assert head is not None
    assert head.status == 101
    assert framing_of(head) == Framing(False, 0, (), True)


def test_folds_cost_linear_time() -> None:
    block = OK + b"X: " + b" \r\n \t" * 40_000 + b"a\r\n\r\n"
    assert read(block).headers["x"].strip() == "a"
    block = OK + b"X: " + b" " * 200_000 + b"a\r\n" + b"\r" * 10_000 + b"Y: b\r\n\r\n"
    assert read(block).headers["x"] == "a"
