"""Tunnels, slow clients, and the proxy's own end."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import closing

import pytest

from downloads.engine.egress.proxy import EgressProxy, EgressSession
from downloads.engine.egress.proxy.server import Patience
from tests.engine.sandbox.conftest import WIDE
from tests.engine.sandbox.speaking import (
    ask,
    connect_line,
    dial,
    get_line,
    read_all,
    read_head,
    status,
    tunnel,
)
from tests.support.origin import Origin


def test_a_tunnel_carries_bytes_both_ways_and_half_closes(
    proxy: EgressProxy, session: EgressSession
) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        tunnel(proxy, f"127.0.0.1:{listener.getsockname()[1]}", session) as client,
    ):
        source, _ = listener.accept()
        with source:
            client.sendall(b"question")
            client.shutdown(socket.SHUT_WR)
            assert read_all(source) == b"question"  # its end arrives
            source.sendall(b"answer")  # and the other way still stands
            source.shutdown(socket.SHUT_WR)
            assert read_all(client) == b"answer"
    assert (session.sent, session.received) == (len(b"question"), len(b"answer"))


def test_the_last_bytes_are_not_lost_on_a_slow_source(
    proxy: EgressProxy, session: EgressSession
) -> None:
    body = b"x" * 6_000_000
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        tunnel(proxy, f"127.0.0.1:{listener.getsockname()[1]}", session) as client,
    ):
        source, _ = listener.accept()
        with source:
            source.settimeout(30)
            source.shutdown(socket.SHUT_WR)  # it has said all before the client has
            sender = threading.Thread(target=send_and_end, args=(client, body))
            sender.start()
            received = 0
            while count := len(source.recv(65536)):  # a reset would raise
                received += count
                time.sleep(0.002)
            sender.join()
    assert received == len(body)


def send_and_end(sock: socket.socket, body: bytes) -> None:
    sock.sendall(body)
    sock.shutdown(socket.SHUT_WR)


def test_what_is_sent_along_with_connect_is_not_lost(
    proxy: EgressProxy, session: EgressSession
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, closing(dial(proxy)) as client:
        line = connect_line(f"127.0.0.1:{listener.getsockname()[1]}", session)
        client.sendall(line + b"early")
        source, _ = listener.accept()
        with source:
            source.settimeout(30)
            assert source.recv(5, socket.MSG_WAITALL) == b"early"
        assert status(read_head(client)) == 200


# Slow and endless clients


def test_endless_headers_are_refused(proxy: EgressProxy, session: EgressSession) -> None:
    answer = ask(proxy, b"GET http://x/ HTTP/1.1\r\n" + b"X-Header: " + b"y" * 300_000)
    assert status(answer) in (0, 400)  # a reset may overtake the refusal


def test_endless_headers_of_a_source_are_refused(
    proxy: EgressProxy, session: EgressSession, origin: Origin
) -> None:
    origin.answers["/"] = b"HTTP/1.1 200 OK\r\n" + b"X-Header: " + b"y" * 300_000
    assert status(ask(proxy, get_line(origin.url("/"), session))) == 502


def test_slow_heads_and_silent_tunnels_end() -> None:
    proxy = EgressProxy(Patience(head=0.3, connect=5.0, idle=0.5)).start()
    try:
        with closing(dial(proxy)) as slow:
            slow.sendall(b"GET http://")
            assert status(read_all(slow)) == 502
        with (
            proxy.open(WIDE, max_bytes=1000, seconds=60) as session,
            socket.create_server(("127.0.0.1", 0)) as listener,
            tunnel(proxy, f"127.0.0.1:{listener.getsockname()[1]}", session) as silent,
        ):
            assert read_all(silent) == b""
    finally:
        proxy.close()


def test_closing_it_ends_everything(session: EgressSession, proxy: EgressProxy) -> None:
    own = EgressProxy().start()
    with (
        own.open(WIDE, max_bytes=1000, seconds=60) as opened,
        socket.create_server(("127.0.0.1", 0)) as listener,
        tunnel(own, f"127.0.0.1:{listener.getsockname()[1]}", opened) as client,
    ):
        own.close()
        assert read_all(client) == b""
    with pytest.raises(ConnectionRefusedError):
        dial(own)
