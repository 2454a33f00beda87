"""Bytes, time and a stop end a session's traffic; memory does not grow with it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import DeadlineExceeded, StopReason, TooLarge
from downloads.engine.egress.policy import AddressPolicy, parse_allowed_networks
from downloads.engine.egress.proxy import EgressProxy
from tests.engine.sandbox.conftest import eventually, needs_linux
from tests.engine.sandbox.speaking import ask, connect_line, dial, get_line, read_all, tunnel, why
from tests.support.answers import forever, respond, then_hang
from tests.support.origin import Origin

WIDE = AddressPolicy(allowed_networks=parse_allowed_networks("127.0.0.0/8"))
BLOCK = b"x" * 65536
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n"
GIB = 1024**3


@pytest.fixture
def endless() -> Iterator[Origin]:
    answers = {"/": forever(BLOCK, first=HEAD), "/small": respond(b"content")}
    with Origin(answers) as server:
        yield server


@pytest.mark.parametrize("by", ["GET", "CONNECT"])
def test_the_byte_cap_ends_it(proxy: EgressProxy, endless: Origin, by: str) -> None:
    with proxy.open(WIDE, max_bytes=1_000_000, seconds=60) as session:
        if by == "GET":
            received = ask(proxy, get_line(endless.url("/"), session))
        else:
            with tunnel(proxy, f"127.0.0.1:{endless.port}", session) as sock:
                sock.sendall(b"GET / HTTP/1.1\r\n\r\n")
                received = read_all(sock)
        assert len(received) <= 1_000_000
        assert session.exhausted
        assert session.received < 1_000_000 + 2 * 65536
        assert why(ask(proxy, get_line(endless.url("/small"), session))) == "limit"
        with pytest.raises(TooLarge):
            session.check()


def test_the_cap_counts_what_is_sent_too(proxy: EgressProxy) -> None:
    with (
        proxy.open(WIDE, max_bytes=1_000_000, seconds=60) as session,
        socket.create_server(("127.0.0.1", 0)) as listener,
        tunnel(proxy, f"127.0.0.1:{listener.getsockname()[1]}", session) as client,
    ):
        source, _ = listener.accept()
        reader = threading.Thread(target=read_all, args=(source,), daemon=True)
        reader.start()
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            client.sendall(BLOCK * 1000)
        assert session.exhausted
        reader.join()
        source.close()


def test_the_deadline_ends_it(proxy: EgressProxy, endless: Origin) -> None:
    endless.answers["/"] = then_hang(HEAD)
    with proxy.open(WIDE, max_bytes=GIB, seconds=0.5) as session:
        ask(proxy, get_line(endless.url("/"), session))
        assert why(ask(proxy, get_line(endless.url("/small"), session))) == "over"
        with pytest.raises(DeadlineExceeded):
            session.check()


@pytest.mark.parametrize("how", ["stop", "close"])
def test_stopping_or_closing_ends_what_is_open(
    proxy: EgressProxy, endless: Origin, how: str
) -> None:
    endless.answers["/"] = then_hang(HEAD)
    stop = StopToken()
    with proxy.open(WIDE, max_bytes=GIB, seconds=3600, stop=stop) as session, dial(proxy) as client:
        client.sendall(get_line(endless.url("/"), session))
        assert client.recv(1)
        threading.Timer(
            0.1, session.close if how == "close" else lambda: stop.stop(StopReason.UNWANTED)
        ).start()
        read_all(client)
    assert eventually(lambda: session.connections == 0)


def test_a_stopped_session_opens_nothing(proxy: EgressProxy, canary: Origin) -> None:
    stop = StopToken()
    stop.stop(StopReason.SHUTDOWN)
    with proxy.open(WIDE, max_bytes=GIB, seconds=60, stop=stop) as session:
        assert why(ask(proxy, get_line(canary.url("/"), session))) == "over"
        answer = ask(proxy, connect_line(f"127.0.0.1:{canary.port}", session))
        assert why(answer) == "over"


def test_traffic_is_a_sign_of_life(proxy: EgressProxy, endless: Origin) -> None:
    now = [100.0]
    stop = StopToken(clock=lambda: now[0])
    with proxy.open(WIDE, max_bytes=GIB, seconds=60, stop=stop) as session:
        now[0] = 150.0
        ask(proxy, get_line(endless.url("/small"), session))
    assert stop.idle_seconds == 0


def test_one_session_has_so_many_connections(proxy: EgressProxy, endless: Origin) -> None:
    endless.answers["/"] = then_hang(HEAD)
    with proxy.open(WIDE, max_bytes=GIB, seconds=60) as session:
        held = []
        for _ in range(64):
            held.append(dial(proxy))
            held[-1].sendall(get_line(endless.url("/"), session))
        assert eventually(lambda: session.connections == 64)
        assert why(ask(proxy, get_line(endless.url("/small"), session))) == "busy"
        with proxy.open(WIDE, max_bytes=GIB, seconds=60) as other:
            assert ask(proxy, get_line(endless.url("/small"), other)).endswith(b"content")
        for sock in held:
            sock.close()


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@needs_linux
@pytest.mark.parametrize("by", ["GET", "CONNECT"])
def test_a_client_that_does_not_read_costs_no_memory(
    proxy: EgressProxy, endless: Origin, by: str
) -> None:
    with proxy.open(WIDE, max_bytes=GIB * 2, seconds=60) as session:
        before = resident()
        with dial(proxy) as frozen:
            line = (
                get_line(endless.url("/"), session)
                if by == "GET"
                else connect_line(f"127.0.0.1:{endless.port}", session) + b"GET / HTTP/1.1\r\n\r\n"
            )
            frozen.sendall(line)
            assert eventually(lambda: session.received > 65536)
            time.sleep(1.0)  # long enough for hundreds of megabytes
            assert session.received < 32 * 1024**2
            assert resident() - before < 48 * 1024**2


@needs_linux
@pytest.mark.slow
@pytest.mark.parametrize("by", ["GET", "CONNECT"])
def test_a_gibibyte_passes_in_flat_memory(proxy: EgressProxy, endless: Origin, by: str) -> None:
    with proxy.open(WIDE, max_bytes=GIB * 2, seconds=110) as session, dial(proxy) as client:
        if by == "GET":
            client.sendall(get_line(endless.url("/"), session))
        else:
            client.sendall(connect_line(f"127.0.0.1:{endless.port}", session))
            client.sendall(b"GET / HTTP/1.1\r\n\r\n")
        buffer = bytearray(1024 * 1024)
        left = GIB
        highest = before = resident()
        while left > 0 and (count := client.recv_into(buffer)):
            left -= count
            highest = max(highest, resident())
        assert left <= 0
        assert highest - before < 64 * 1024**2
