"""A connection through a proxy that the admin set for a host.

Not covered: the proxy resolves the name itself, later and elsewhere, so the address that it
connects to cannot be judged. Judged is what can be seen from here: literal addresses, what the name
resolves to here, and names that belong to no public zone.
"""

from __future__ import annotations

import base64
import socket
import time

from downloads.engine.core.errors import BadResponse, BlockedAddress, NetworkError
from downloads.engine.egress.connect import Guard
from downloads.engine.egress.head import Head, HeadReader
from downloads.engine.egress.rules import Upstream
from downloads.engine.egress.target import Target

_MAX_HEAD = 16 * 1024
_SLICE = 0.1  # seconds between two checks of the stop token
# RFC 6761, RFC 8375, RFC 6762, and those that ICANN and habit keep for private use.
_PRIVATE_NAMES = ("localhost", "local", "internal", "intranet", "private", "corp", "home", "lan",
                  "home.arpa", "test", "invalid", "onion", "arpa")  # fmt: skip


def judge(guard: Guard, target: Target) -> None:
    """Raise BlockedAddress for a target known here to be internal, and Stopped."""
    try:
        guard.judge(target.host, target.port)
    except NetworkError:
        if is_private_name(target.host):
            raise BlockedAddress(f"{target.host} is a name of a private network") from None


def is_private_name(host: str) -> bool:
    """Return if ``host`` is a single label, or below a zone that is never public."""
    return "." not in host or any(
        host == zone or host.endswith(f".{zone}") for zone in _PRIVATE_NAMES
    )


def open_through(
    guard: Guard, upstream: Upstream, target: Target, *, tunnel: bool
) -> socket.socket:
    """Return a connection to ``upstream``; with ``tunnel``, one that leads on to ``target``.

    The proxy's own address is the admin's choice, and is not judged. Raises BlockedAddress,
    NetworkError, Stopped.
    """
    judge(guard, target)
    try:
        sock = guard.open(upstream.host, upstream.port, granted=True)
    except NetworkError as error:
        raise _proxy_fault(f"{upstream.shown}: {error.detail}") from None
    if not tunnel:
        return sock
    try:
        _connect(sock, guard, upstream, target)
    except OSError as error:
        sock.close()
        raise _proxy_fault(f"{upstream.shown}: {error}") from None
    except BaseException:
        sock.close()
        raise
    return sock


def authorization(upstream: Upstream) -> tuple[tuple[str, str], ...]:
    """Return the header for the proxy alone (RFC 7617)."""
    if upstream.credentials is None:
        return ()
    token = base64.b64encode(upstream.credentials.encode()).decode("ascii")
    return (("Proxy-Authorization", f"Basic {token}"),)


def refused_by_proxy() -> NetworkError:
    """Return the error for a 407 of an upstream."""
    return _proxy_fault("the proxy wants other credentials (HTTP 407)")


def _connect(sock: socket.socket, guard: Guard, upstream: Upstream, target: Target) -> None:
    host = f"[{target.host}]" if ":" in target.host else target.host
    authority = f"{host}:{target.port}"
    lines = [f"CONNECT {authority} HTTP/1.1", f"Host: {authority}"]
    lines += [f"{name}: {value}" for name, value in authorization(upstream)]
    deadline = time.monotonic() + guard.timeout
    sock.settimeout(_SLICE)
    sock.sendall("\r\n".join([*lines, "", ""]).encode("ascii"))
    status = _head(sock, guard, deadline).status
    if status == 407:
        raise refused_by_proxy()
    if status // 100 != 2:
        raise _proxy_fault(f"the proxy answers HTTP {status}")
    sock.settimeout(None)


def _head(sock: socket.socket, guard: Guard, deadline: float) -> Head:
    """Read the head byte by byte: what follows it is the source's."""
    heads = HeadReader(_MAX_HEAD)
    while True:
        guard.go_on(deadline)
        try:
            byte = sock.recv(1)
        except TimeoutError:
            continue
        try:
            head = heads.feed(byte)
        except BadResponse:
            head, byte = None, b""
        if head is not None:
            return head
        if not byte:
            raise _proxy_fault("what answers there is no proxy")


def _proxy_fault(detail: str) -> NetworkError:
    return NetworkError(
        detail,
        message="The proxy that is set for this site does not work. Ask an administrator to "
        "check it, or retry later.",
    )
