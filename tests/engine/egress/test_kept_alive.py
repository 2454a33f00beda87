"""Requests on one kept-alive connection follow each other without a pause."""

from __future__ import annotations

import socket
import sys
import time

import pytest

from downloads.engine.egress.client import Client
from tests.engine.egress.conftest import read_all
from tests.support.answers import respond
from tests.support.origin import Origin
from tests.support.request import Request

REQUESTS = 100
PAUSE = 0.035  # seconds: less than Linux waits with an acknowledgement


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone lets us acknowledge at once")
def test_a_server_that_sends_head_and_body_apart_is_not_waited_for(
    client: Client, origin: Origin
) -> None:
    def in_two(request: Request, sock: socket.socket) -> None:
        head, body = respond(b"x" * 100).split(b"\r\n\r\n")
        sock.sendall(head + b"\r\n\r\n")
        sock.sendall(body)  # held back until the head is acknowledged

    origin.answers["/x"] = in_two
    took = []
    for _ in range(REQUESTS):
        began = time.monotonic()
        assert len(read_all(client.get(origin.url("/x")))) == 100
        took.append(time.monotonic() - began)
    assert origin.connections == 1
    # without, 40 ms each but the first 16 of a connection, which Linux acknowledges at once;
    # a busy machine may hold up most of them, not all
    assert sum(each < PAUSE for each in took) > 20
