"""One guarded POST: a small body out, the beginning of the answer back, all of it bounded.

The address is judged as for every other connection. No redirect is followed, no cookie, proxy or
rule of a host applies, and no connection is kept.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import BadResponse, NetworkError, Stalled, Stopped
from downloads.engine.egress.connect import Guard
from downloads.engine.egress.connection import GuardedConnection
from downloads.engine.egress.error_mapping import source_faults
from downloads.engine.egress.head import MAX_HEAD, Headers
from downloads.engine.egress.headers import sendable
from downloads.engine.egress.policy import AddressPolicy
from downloads.engine.egress.raw_response import RawResponse
from downloads.engine.egress.request import request_head
from downloads.engine.egress.target import Target, parse

BODY_PATIENCE: Final = 2.0  # seconds: what counts of an answer is its status
SPARE: Final = 64 * 1024  # of the kernel's buffer, for the headers and TLS's own


@dataclass(frozen=True, slots=True)
class PostResponse:
    """``body`` is its first bytes, as many as were asked for and came soon enough."""

    status: int
    headers: Headers
    body: bytes


def post(
    url: str,
    body: bytes,
    headers: Iterable[tuple[str, str]],
    policy: AddressPolicy,
    *,
    seconds: float,
    keep: int,
) -> PostResponse:
    """The answer, whatever its status. ``seconds``: from the name to the last of its headers;
    ``keep``: bytes of its body.

    Raises BlockedAddress, UnsupportedURL, NetworkError, BadResponse, Stalled.
    """
    target, stop = parse(url), StopToken()
    until = time.monotonic() + seconds
    stop.hold_until(until)
    connection = GuardedConnection(target, Guard(policy, seconds, stop))
    try:
        with source_faults():
            _send(connection, target, body, sendable(headers), until)
            raw = connection.answer(until - time.monotonic(), MAX_HEAD)
        return PostResponse(raw.head.status, raw.head.headers, _beginning(raw, keep))
    except Stopped:
        raise Stalled(f"no answer within {seconds} s") from None
    finally:
        connection.close()


def _send(
    connection: GuardedConnection,
    target: Target,
    body: bytes,
    headers: Iterable[tuple[str, str]],
    until: float,
) -> None:
    connection.connect()
    # the kernel takes all of it at once, so that a peer that reads a byte a second holds nobody
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, len(body) + SPARE)
    connection.sock.settimeout(max(until - time.monotonic(), 0.001))
    fields = [
        ("Host", target.authority),
        ("Content-Length", str(len(body))),
        ("Accept-Encoding", "identity"),
        ("Connection", "close"),
        *headers,
    ]
    connection.send(request_head("POST", target.path, fields) + body)


def _beginning(raw: RawResponse, keep: int) -> bytes:
    found = bytearray(keep if raw.framing.length is None else min(keep, raw.framing.length))
    view, filled = memoryview(found), 0
    raw.reader.arm(BODY_PATIENCE)
    with contextlib.suppress(NetworkError, BadResponse, Stalled, Stopped), source_faults():
        while filled < len(found) and (count := raw.read_into(view[filled:])):
            filled += count
    return bytes(view[:filled])
