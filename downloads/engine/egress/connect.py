"""Connections that can only lead to addresses that the policy allows.

The name is resolved once; *every* answer must be allowed; the connection goes to exactly one of
those literal addresses, and the peer that the kernel reports is checked again. So neither a
spelling nor a second DNS answer makes a difference: there is no way round ``Guard.open``.
"""

from __future__ import annotations

import errno
import os
import select
import socket
import time
from dataclasses import dataclass

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import BlockedAddress, NetworkError
from downloads.engine.egress.lookup import Endpoint, lookup
from downloads.engine.egress.policy import AddressPolicy, canonical
from downloads.engine.egress.tls import TlsSocket

_SLICE_MS = 100  # between two checks of the stop token
_MAX_TRIES = 4  # addresses of one host
_PENDING = (errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EAGAIN)


@dataclass(frozen=True, slots=True)
class Guard:
    """An opener of TCP connections under a policy. ``timeout`` (seconds) covers name and
    connect."""

    policy: AddressPolicy
    timeout: float = 10.0
    stop: StopToken | None = None

    def open(self, host: str, port: int, *, granted: bool = False) -> socket.socket:
        """Return a connected, blocking socket to a checked address of ``host``.

        ``granted``: the requested URL has a grant, so its address is not judged. Raises
        BlockedAddress, NetworkError, Stopped.
        """
        deadline = time.monotonic() + self.timeout
        endpoints = lookup(host, port, self.timeout, self.stop)
        if not granted:
            for endpoint in endpoints:
                self._check(endpoint.address, port, deadline)
        return self._first(host, endpoints[:_MAX_TRIES], deadline, granted)

    def judge(self, host: str, port: int) -> None:
        """Raise BlockedAddress unless every address that ``host`` has here is allowed.

        Raises NetworkError if it has none, and Stopped.
        """
        deadline = time.monotonic() + self.timeout
        for endpoint in lookup(host, port, self.timeout, self.stop):
            self._check(endpoint.address, port, deadline)

    def secure(self, sock: socket.socket, host: str) -> TlsSocket:
        """Return TLS over ``sock``, with ``host`` as SNI and as the name that the certificate
        proves.

        Raises ssl.SSLError, TimeoutError, OSError, Stopped; closes ``sock`` then.
        """
        deadline = time.monotonic() + self.timeout
        tls = TlsSocket(sock, host)
        try:
            tls.settimeout(_SLICE_MS / 1000)
            while True:
                self.go_on(deadline)
                try:
                    tls.do_handshake()
                except TimeoutError:
                    continue  # the next call resumes it
                return tls
        except BaseException:
            tls.close()
            raise

    def go_on(self, deadline: float) -> None:
        """Beat, for the wait has an end. Raise Stopped, and TimeoutError once ``deadline`` has
        passed."""
        if self.stop is not None:
            self.stop.check()
            self.stop.beat()
        if time.monotonic() >= deadline:
            raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))

    def _check(self, address: str, port: int, deadline: float) -> None:
        self.policy.check(address, port)
        for name, own_port in self.policy.own_endpoints:
            if own_port != port:
                continue
            try:
                answers = lookup(name, own_port, deadline - time.monotonic(), self.stop)
            except NetworkError:  # it may be Ferry's own, so it counts as that
                raise BlockedAddress(f"port {port} is a service of Ferry's own") from None
            if canonical(address) in {canonical(answer.address) for answer in answers}:
                raise BlockedAddress(f"{name} port {port} is a service of Ferry's own")

    def _first(
        self, host: str, endpoints: list[Endpoint], deadline: float, granted: bool
    ) -> socket.socket:
        error: OSError | None = None
        for place, endpoint in enumerate(endpoints):
            share = (deadline - time.monotonic()) / (len(endpoints) - place)
            try:
                sock = self._dial(endpoint, time.monotonic() + share)
                return sock if granted else self._checked(sock, endpoint)
            except OSError as failure:
                error = failure
        raise _unreachable(host, error)

    def _dial(self, endpoint: Endpoint, deadline: float) -> socket.socket:
        sock = socket.socket(endpoint.family, socket.SOCK_STREAM)
        try:
            sock.setblocking(False)
            code = sock.connect_ex(endpoint.sockaddr)
            if code in _PENDING:
                self._await_connect(sock, deadline)
                code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if code:
                raise OSError(code, os.strerror(code))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setblocking(True)
        except BaseException:
            sock.close()
            raise
        return sock

    def _await_connect(self, sock: socket.socket, deadline: float) -> None:
        poll = select.poll()
        poll.register(sock, select.POLLOUT)
        while not poll.poll(_SLICE_MS):
            self.go_on(deadline)

    def _checked(self, sock: socket.socket, endpoint: Endpoint) -> socket.socket:
        """Judge the peer that the kernel reports, not the one that was requested."""
        try:
            peer = canonical(sock.getpeername()[0])
            if peer != canonical(endpoint.address):
                raise BlockedAddress(f"connected to {peer} instead of {endpoint.address}")
            # An address that this side has too is this host, whatever the interface list said.
            ours = peer == canonical(sock.getsockname()[0])
            policy = self.policy.with_own(peer) if ours else self.policy
            policy.check(str(peer), endpoint.port)
        except BaseException:
            sock.close()
            raise
        return sock


def _unreachable(host: str, error: OSError | None) -> NetworkError:
    if isinstance(error, TimeoutError):
        return NetworkError(
            f"{host}: connect timed out",
            message=f"{host} does not answer. Check the link, or retry later.",
        )
    if isinstance(error, ConnectionRefusedError):
        return NetworkError(
            f"{host}: connection refused",
            message=f"{host} refuses the connection. Check the link, or retry later.",
        )
    return NetworkError(f"{host}: {error}")
