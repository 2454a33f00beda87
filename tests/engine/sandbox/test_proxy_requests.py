"""The proxy's clients and requests: authorised, well-formed, and nothing smuggled."""

from __future__ import annotations

import gzip
import socket
import struct
import time
from contextlib import closing

import pytest
import requests

from config.server.supervisor.port import ReservedPort
from downloads.engine.egress.proxy import EgressProxy, EgressSession
from tests.engine.sandbox.conftest import WIDE
from tests.engine.sandbox.speaking import (
    ask,
    connect_line,
    credentials,
    dial,
    get_line,
    status,
    why,
)
from tests.support.answers import respond, then_close
from tests.support.origin import Origin
from tests.support.request import Request

# Credentials


@pytest.mark.parametrize("verb", ["GET", "CONNECT"])
def test_without_credentials_nothing(proxy: EgressProxy, canary: Origin, verb: str) -> None:
    where = canary.url("/") if verb == "GET" else f"127.0.0.1:{canary.port}"
    answer = ask(proxy, f"{verb} {where} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert (status(answer), why(answer)) == (407, "credentials")
    assert b"proxy-authenticate: basic" in answer.lower()


def test_wrong_credentials_nothing(
    proxy: EgressProxy, session: EgressSession, canary: Origin
) -> None:
    for wrong in (
        credentials(session, token="x" * 32),
        credentials(session, token=""),
        credentials(session).replace("Basic", "Bearer"),
        credentials(session) * 2,
        "Proxy-Authorization: Basic %%%\r\n",
        "Authorization" + credentials(session)[len("Proxy-Authorization") :],
    ):
        request = f"GET {canary.url('/')} HTTP/1.1\r\nHost: x\r\n{wrong}\r\n"
        assert status(ask(proxy, request.encode())) == 407


def test_a_closed_session_nothing(proxy: EgressProxy, origin: Origin) -> None:
    with proxy.open(WIDE, max_bytes=1000, seconds=60) as session:
        line = get_line(origin.url("/"), session)
        assert status(ask(proxy, line)) == 200
    assert status(ask(proxy, line)) == 407


def test_the_url_hides_its_token_from_logs(session: EgressSession) -> None:
    assert session.token in session.url
    assert session.token not in repr(session)


# What can be asked


def test_a_real_client_finds_its_way(
    proxy: EgressProxy, session: EgressSession, origin: Origin
) -> None:
    with requests.Session() as client:
        client.trust_env = False
        client.proxies = {"http": session.url, "https": session.url}
        answer = client.get(origin.url("/"), timeout=30)
        posted = client.post(origin.url("/"), data=b"body", timeout=30)
    assert (answer.content, posted.content) == (b"content", b"content")
    assert {name.lower(): value for name, value in session.environment()}["https_proxy"] == (
        session.url
    )


def test_head_has_no_body(proxy: EgressProxy, session: EgressSession, origin: Origin) -> None:
    origin.answers["/"] = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n"
    answer = ask(proxy, get_line(origin.url("/"), session, method="HEAD"))
    assert status(answer) == 200
    assert answer.endswith(b"\r\n\r\n")
    assert b"content-length: 7" in answer.lower()


@pytest.mark.parametrize("framing", ["length", "chunked", "end", "1.0"])
def test_every_framing_arrives_whole(
    proxy: EgressProxy, session: EgressSession, origin: Origin, framing: str
) -> None:
    origin.answers["/"] = {
        "length": respond(b"content"),
        "chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"3\r\ncon\r\n4\r\ntent\r\n0\r\n\r\n",
        "end": then_close(b"HTTP/1.1 200 OK\r\n\r\ncontent"),
        "1.0": then_close(b"HTTP/1.0 200 OK\r\n\r\ncontent"),
    }[framing]
    with requests.Session() as client:
        client.trust_env = False
        answer = client.get(origin.url("/"), proxies={"http": session.url}, timeout=30)
    assert answer.content == b"content"


def test_a_body_cut_short_does_not_look_whole(
    proxy: EgressProxy, session: EgressSession, origin: Origin
) -> None:
    origin.answers["/"] = then_close(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")
    with requests.Session() as client:
        client.trust_env = False
        with pytest.raises(requests.RequestException):
            client.get(origin.url("/"), proxies={"http": session.url}, timeout=30)


SIZED = b"Content-Length: 7\r\n\r\ncontent"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n3\r\ncon\r\n4\r\ntent\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\npreload\r\nX : y\r\n: z\r\nX: a\r\n b\r\n" + SIZED,
        b"\r\nHTTP/1.1 200 OK\nX: \x01\x0b\n" + SIZED,
        b"http/1.1  200\r\n" + SIZED,
        b"HTTP/2 200 \x0b\r\n" + SIZED,
        b"HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\nHTTP/1.1 200 OK\r\n" + SIZED,
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n" + CHUNKED,
        b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n" + CHUNKED,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n" + SIZED,
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 60_000 + b"\r\nZ: " + b"y" * 60_000 + b"\r\n" + SIZED,
    ],
)
def test_a_sloppy_head_is_rewritten(
    proxy: EgressProxy, session: EgressSession, origin: Origin, answer: bytes
) -> None:
    origin.answers["/"] = answer
    with requests.Session() as client:
        client.trust_env = False
        got = client.get(origin.url("/"), proxies={"http": session.url}, timeout=30)
    assert (got.status_code, got.content) == (200, b"content")
    assert not {"Content-Length", "Transfer-Encoding"} <= set(got.headers)


def test_a_coding_beneath_the_chunks_is_undone_by_the_client(
    proxy: EgressProxy, session: EgressSession, origin: Origin
) -> None:
    packed = gzip.compress(b"content")
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"
    origin.answers["/"] = head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(packed), packed)
    with requests.Session() as client:
        client.trust_env = False
        got = client.get(origin.url("/"), proxies={"http": session.url}, timeout=30)
    assert got.content == b"content"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\nContent-Length: 6\r\n\r\ncontent",
        b"HTTP/1.1 200 OK\r\nX: \0\r\n" + SIZED,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n" + SIZED,
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n",
    ],
)
def test_two_ends_of_an_answer_are_refused(
    proxy: EgressProxy, session: EgressSession, origin: Origin, answer: bytes
) -> None:
    origin.answers["/"] = then_close(answer)
    assert status(ask(proxy, get_line(origin.url("/"), session))) == 502


@pytest.mark.parametrize("by", ["GET", "CONNECT"])
def test_a_cut_that_only_a_reset_can_tell_is_a_reset(
    proxy: EgressProxy, session: EgressSession, origin: Origin, by: str
) -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ncon\r\n"

    def cut(request: Request, sock: socket.socket) -> None:
        sock.sendall(chunked)
        time.sleep(0.2)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.close()

    origin.answers["/"] = cut
    with closing(dial(proxy)) as client:
        if by == "GET":
            line = get_line(origin.url("/"), session)
            client.sendall(line.replace(b"HTTP/1.1", b"HTTP/1.0"))  # no framing but the end
        else:
            line = connect_line(f"127.0.0.1:{origin.port}", session)
            client.sendall(line + b"GET / HTTP/1.1\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            drain(client)


def drain(sock: socket.socket) -> None:
    while sock.recv(65536):
        pass


@pytest.mark.parametrize(
    "request_line",
    [
        "GET / HTTP/1.1",
        "GET https://{host}/ HTTP/1.1",
        "GET ftp://{host}/ HTTP/1.1",
        "GET file:///etc/passwd HTTP/1.1",
        "GET http://name:password@{host}/ HTTP/1.1",
        "PUT http://{host}/ HTTP/1.1",
        "DELETE http://{host}/ HTTP/1.1",
        "TRACE http://{host}/ HTTP/1.1",
        "CONNECT 127.0.0.1 HTTP/1.1",
        "CONNECT http://{host}/ HTTP/1.1",
        "CONNECT {host}/path HTTP/1.1",
        "CONNECT name@{host} HTTP/1.1",
        "CONNECT 127.0.0.1:99999 HTTP/1.1",
        "CONNECT 127.0.0.1:0 HTTP/1.1",
        "PRI * HTTP/2.0",
        "nonsense",
        "\x16\x03\x01",
    ],
)
def test_anything_else_is_refused(
    proxy: EgressProxy, session: EgressSession, canary: Origin, request_line: str
) -> None:
    line = request_line.format(host=f"127.0.0.1:{canary.port}")
    answer = ask(proxy, f"{line}\r\nHost: x\r\n{credentials(session)}\r\n".encode())
    assert (status(answer), why(answer)) == (400, "request")


def test_connect_with_a_body_is_refused(
    proxy: EgressProxy, session: EgressSession, origin: Origin
) -> None:
    line = connect_line(f"127.0.0.1:{origin.port}", session)
    answer = ask(proxy, line.replace(b"\r\n\r\n", b"\r\nContent-Length: 4\r\n\r\nbody"))
    assert status(answer) == 502
    assert origin.log == []


def test_a_source_that_is_not_there_is_said(proxy: EgressProxy, session: EgressSession) -> None:
    nothing = ReservedPort()  # listens there
    for line in (
        get_line(f"http://127.0.0.1:{nothing.number}/", session),
        connect_line(f"127.0.0.1:{nothing.number}", session),
    ):
        answer = ask(proxy, line)
        assert (status(answer), why(answer)) == (502, "unreachable")
    assert session.blocked is None


def test_nonsense_from_the_source_is_said(
    proxy: EgressProxy, session: EgressSession, origin: Origin
) -> None:
    origin.answers["/"] = then_close(b"certainly not HTTP\r\n\r\n")
    assert status(ask(proxy, get_line(origin.url("/"), session))) == 502


# What does not pass


def sent(origin: Origin) -> Request:
    (request,) = origin.log
    return request


def test_what_is_between_client_and_proxy_stays_there(
    proxy: EgressProxy, session: EgressSession, origin: Origin
) -> None:
    extra = "Connection: X-Private\r\nX-Private: 1\r\nUpgrade: h2c\r\nX-Kept: 1\r\n"
    ask(proxy, get_line(origin.url("/"), session, extra))
    headers = sent(origin).headers
    assert headers["x-kept"] == "1"
    assert headers["connection"] == "close"
    assert not {"proxy-authorization", "x-private", "upgrade"} & set(headers)
    assert session.token.encode() not in sent(origin).raw


def test_the_host_that_was_judged_is_the_one_that_is_told(
    proxy: EgressProxy, session: EgressSession, origin: Origin
) -> None:
    line = get_line(origin.url("/"), session)
    ask(proxy, line.replace(b"Host: 127.0.0.1", b"Host: inside.example"))
    assert sent(origin).headers["host"] == f"127.0.0.1:{origin.port}"


def test_the_source_cannot_pretend_to_be_the_proxy(
    proxy: EgressProxy, session: EgressSession, origin: Origin
) -> None:
    origin.answers["/"] = respond(b"content", X_Ferry_Egress="blocked")
    answer = ask(proxy, get_line(origin.url("/"), session))
    assert (status(answer), why(answer)) == (200, "")


@pytest.mark.parametrize(
    "second",
    [b"GET http://127.0.0.1/second HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /second HTTP/1.1\r\n\r\n"],
)
def test_one_connection_carries_one_request(
    proxy: EgressProxy, session: EgressSession, origin: Origin, second: bytes
) -> None:
    answer = ask(proxy, get_line(origin.url("/"), session) + second)
    assert answer.count(b"HTTP/1.1") == 1
    assert b"connection: close" in answer.lower()
    assert sent(origin).path == "/"


def test_two_framings_are_refused(
    proxy: EgressProxy, session: EgressSession, canary: Origin
) -> None:
    extra = "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"
    line = get_line(canary.url("/"), session, extra, method="POST")
    assert status(ask(proxy, line + b"0\r\n\r\nGET /second HTTP/1.1\r\n\r\n")) == 400


@pytest.mark.parametrize(
    "extra",
    [
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: +5\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding : chunked\r\n",
        "X: 1\rContent-Length: 5\r\n",
    ],
)
def test_framings_that_two_sides_read_differently_are_refused(
    proxy: EgressProxy, session: EgressSession, canary: Origin, extra: str
) -> None:
    line = get_line(canary.url("/"), session, extra, method="POST")
    answer = ask(proxy, line + b"0\r\n\r\n")
    assert status(answer) in (400, 501)
