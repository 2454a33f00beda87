"""Sources that write HTTP by hand, on the wire: the bytes come, and nothing is taken for them.

Public sources: snoyberg/http-client#398, nathom/streamrip#1033, python/cpython#131724,
seanmonstar/httparse#29, xroche/httrack#840, curl/curl#13451.
"""

from __future__ import annotations

import socket
import time

import pytest

from downloads.engine.core.errors import BadResponse, DownloadError, NetworkError
from downloads.engine.egress.client import Client
from downloads.engine.egress.policy import AddressPolicy, parse_allowed_networks
from downloads.engine.egress.requests_adapter import guarded_session
from tests.engine.egress.conftest import read_all
from tests.support.answers import redirect, respond, then_close
from tests.support.origin import Origin
from tests.support.request import Reply, Request

OK = b"HTTP/1.1 200 OK\r\n"
SIZED = b"Content-Length: 5\r\n\r\nhello"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
CHUNKS = b"2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"


def in_bytes(answer: bytes) -> Reply:
    def reply(request: Request, sock: socket.socket) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for place in range(len(answer)):
            sock.sendall(answer[place : place + 1])
            time.sleep(0.0005)

    return reply


LENIENT = {
    "no colon": OK + b"preload\r\n" + SIZED,
    "blank before the colon": OK + b"X-Powered-By : PHP/5.3\r\n" + SIZED,
    "second status line": OK + b"HTTP/1.1 200 OK\r\n" + SIZED,
    "no name": OK + b": nothing\r\n" + SIZED,
    "fold": OK + b"X: a\r\n b\r\n" + SIZED,
    "bare LF": (OK + SIZED).replace(b"\r\n", b"\n"),
    "blank lines first": b"\r\n\r\n" + OK + SIZED,
    "BOM": b"\xef\xbb\xbf" + OK + SIZED,
    "control": OK + b"X: \x01\r\n" + SIZED,
    "length, oddly": OK + b"Content-Length : 5\r\n\r\nhello",
    "HTTP/2": b"HTTP/2 200\r\n" + SIZED,
    "both lengths": OK + b"Content-Length: 3\r\n" + CHUNKED + CHUNKS,
    "both, none agreed on": OK + b"Content-Length: 3\r\nContent-Length: 4\r\n" + CHUNKED + CHUNKS,
    "chunked twice": OK + b"Transfer-Encoding: chunked\r\n" + CHUNKED + CHUNKS,
    "old and chunked": b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n" + CHUNKED + CHUNKS,
    "identity": OK + b"Transfer-Encoding: identity\r\n" + SIZED,
}
STRICT = {
    "no reason": b"HTTP/1.1 200\r\n" + SIZED,
    "not ASCII": b"HTTP/1.1 200 \xfcber\r\nX: \xe4\r\n" + SIZED,
    "300 lines": OK + b"".join(b"X-%d: y\r\n" % n for n in range(300)) + SIZED,
    "40 KiB": OK + b"X: " + b"y" * 40_960 + b"\r\n" + SIZED,
    "lengths that agree": OK + b"Content-Length: 5\r\nContent-Length: 5, 5\r\n\r\nhello",
    "interim": b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n" * 3 + OK + SIZED,
    "old, kept": b"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n" + SIZED,
    "chunks": OK + CHUNKED + CHUNKS,
}


@pytest.mark.parametrize("name", LENIENT)
def test_what_deviates_is_read_and_the_connection_not_used_again(
    name: str, client: Client, origin: Origin
) -> None:
    origin.answers["/"] = LENIENT[name]
    for _ in range(2):
        assert read_all(client.get(origin.url(), start=0)) == b"hello"
    assert origin.connections == 2


@pytest.mark.parametrize("name", STRICT)
def test_what_is_legal_keeps_its_connection(name: str, client: Client, origin: Origin) -> None:
    origin.answers["/"] = STRICT[name]
    for _ in range(2):
        assert read_all(client.get(origin.url(), start=0)) == b"hello"
    assert origin.connections == 1


@pytest.mark.parametrize("name", [*LENIENT, "no reason", "interim", "chunks"])
def test_byte_by_byte(name: str, client: Client, origin: Origin) -> None:
    origin.answers["/"] = in_bytes((LENIENT | STRICT)[name])
    assert read_all(client.get(origin.url(), start=0)) == b"hello"


@pytest.mark.parametrize("name", LENIENT)
def test_a_drained_socket_is_not_used_again_either(
    name: str, client: Client, origin: Origin
) -> None:
    origin.answers["/"] = LENIENT[name]
    detached = client.get(origin.url()).detach()
    if detached is None:
        return  # chunks are read as above
    assert (detached.buffered, detached.remaining) == (b"hello", 0)
    detached.give_back()
    client.get(origin.url()).close()
    assert origin.connections == 2


@pytest.mark.parametrize(
    "answer",
    [
        OK + SIZED + OK + b"Content-Length: 5\r\n\r\nwrong",
        OK + CHUNKED + CHUNKS + OK + b"Content-Length: 5\r\n\r\nwrong",
        OK + CHUNKED + CHUNKS + b"\r\n",
    ],
)
def test_what_stands_behind_a_body_answers_nothing(
    answer: bytes, client: Client, origin: Origin
) -> None:
    origin.answers["/"] = answer
    for _ in range(2):
        assert read_all(client.get(origin.url())) == b"hello"
    assert origin.connections == 2


def test_a_source_that_closes_behind_the_last_chunk(client: Client, origin: Origin) -> None:
    origin.answers["/"] = then_close(OK + CHUNKED + CHUNKS.removesuffix(b"\r\n"))
    assert read_all(client.get(origin.url())) == b"hello"


@pytest.mark.parametrize(
    "head",
    [
        OK + b"X: a\0b\r\n",
        OK + b"Content-Length: 5\r\nContent-Length: 6\r\n",
        OK + b"Content-Length: 5, 6\r\n",
        OK + b"Content-Length : 5\r\nContent-Length: 6\r\n",
        OK + b"Content-Length: 5\r\n 6\r\n",
        OK + b"Transfer-Encoding: \x0bchunked\r\nContent-Length: 5\r\n",
        OK + b"Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n",
        OK + b"Transfer-Encoding: chunked, identity, x\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 101 + OK,
        b"HTTP/1.1 302 Found\r\nLocation: /a\r\nLocation: /b\r\n",
        OK + b"X: " + b"y" * 300_000 + b"\r\n",
    ],
)
def test_what_is_refused(head: bytes, client: Client, origin: Origin) -> None:
    origin.answers["/"] = head + b"\r\nhello"
    with pytest.raises(BadResponse):
        read_all(client.get(origin.url()))


def test_two_equal_locations_are_one(client: Client, origin: Origin) -> None:
    origin.answers["/"] = b"HTTP/1.1 302 Found\r\nLocation: /a\r\nLocation: /a\r\n\r\n"
    origin.answers["/a"] = respond(b"hello")
    assert read_all(client.get(origin.url())) == b"hello"


def test_a_location_that_is_no_redirects_means_nothing(client: Client, origin: Origin) -> None:
    origin.answers["/"] = OK + b"Location: /a\r\nLocation: /b\r\n" + SIZED
    assert read_all(client.get(origin.url())) == b"hello"


@pytest.mark.parametrize(
    "answer", [b"\x00\x00\x00\x20ftypisom" * 4, b"<html>" * 100, b"\x15\x03\x03\x00\x02\x02\x16"]
)
def test_no_head_at_all_is_said(answer: bytes, client: Client, origin: Origin) -> None:
    origin.answers["/"] = then_close(answer)
    with pytest.raises(BadResponse, match="no HTTP status line") as caught:
        client.get(origin.url())
    assert "does not answer in HTTP" in caught.value.message


@pytest.mark.parametrize("part", [b"HTTP/1.1 200 OK", OK, OK + b"Content-Length: 5\r\n"])
def test_a_head_that_is_cut_is_no_empty_file(part: bytes, client: Client, origin: Origin) -> None:
    origin.answers["/"] = then_close(part)
    with pytest.raises(NetworkError, match="within the head"):
        client.get(origin.url())


@pytest.mark.parametrize("cut", [b"\r\n", b"\r\nX: half a li", b"\n", b"\r\nContent-Length: 5\r\n"])
def test_a_redirect_whose_head_is_cut_is_followed(
    cut: bytes, client: Client, origin: Origin
) -> None:
    origin.answers["/"] = then_close(b"HTTP/1.1 302 Found\r\nLocation: /a" + cut)
    origin.answers["/a"] = respond(b"hello")
    assert read_all(client.get(origin.url())) == b"hello"


def test_but_not_to_half_a_location(client: Client, origin: Origin) -> None:
    origin.answers["/"] = then_close(b"HTTP/1.1 302 Found\r\nLocation: /a")
    with pytest.raises(NetworkError, match="within the head"):
        client.get(origin.url())


@pytest.mark.parametrize("status", ["300 Multiple Choices", "302 Found"])
def test_a_redirect_to_nowhere_is_none(status: str, client: Client, origin: Origin) -> None:
    origin.answers["/"] = respond(status=status, Location=" ")
    with pytest.raises(BadResponse, match=f"HTTP {status[:3]}"):
        client.get(origin.url())
    assert len(origin.log) == 1


@pytest.mark.parametrize("status", ["201 Created", "202 X", "203 Non-Authoritative", "250 X"])
def test_other_kinds_of_success(status: str, client: Client, origin: Origin) -> None:
    origin.answers["/"] = respond(b"hello", status=status, Location="/elsewhere")
    assert read_all(client.get(origin.url(), start=0)) == b"hello"


@pytest.mark.parametrize("status", ["204 No Content", "205 Reset Content"])
def test_success_without_bytes(status: str, client: Client, origin: Origin) -> None:
    origin.answers["/"] = respond(status=status, length=False) + b""
    with pytest.raises(BadResponse) as caught:
        client.get(origin.url())
    assert "nothing to send" in caught.value.message


def test_a_webhooks_answer_is_read_alike(origin: Origin) -> None:
    policy = AddressPolicy(
        allowed_networks=parse_allowed_networks(f"127.0.0.1/32:{origin.port}"),
    )
    for name, answer in (LENIENT | STRICT).items():
        origin.answers["/"] = answer
        with guarded_session(policy) as session:
            got = session.post(origin.url(), data=b"{}", timeout=10)
        assert (got.status_code, got.content) == (200, b"hello"), name


def test_secrets_do_not_stand_in_errors(client: Client, origin: Origin) -> None:
    origin.answers["/"] = OK + b"Set-Cookie: a=secret\0\r\n" + SIZED
    with pytest.raises(DownloadError) as caught:
        client.get(origin.url())
    assert "secret" not in caught.value.detail + caught.value.message


def test_redirects_of_a_sloppy_source(client: Client, origin: Origin) -> None:
    origin.answers["/"] = redirect("/a").replace(b"\r\n", b"\n")
    origin.answers["/a"] = b"HTTP/1.1 302\r\nLocation : /b\r\n\r\n"
    origin.answers["/b"] = b"HTTP/1.1 302 Found\r\nLocation:\r\n /c\r\nbroken\r\n\r\n"
    origin.answers["/c"] = OK + SIZED
    assert read_all(client.get(origin.url())) == b"hello"


def test_a_hasty_client_waits_for_no_interim_answer(hasty: Client, origin: Origin) -> None:
    def slowly(request: Request, sock: socket.socket) -> None:
        while True:
            sock.sendall(b"HTTP/1.1 102 Processing\r\n\r\n")
            time.sleep(0.05)

    origin.answers["/"] = slowly
    with pytest.raises(DownloadError):
        hasty.get(origin.url())
