"""The only connection that a jailed program can make is TCP to the egress proxy's port."""

from __future__ import annotations

import select
import socket
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from downloads.engine.egress.proxy import EgressProxy
from downloads.engine.sandbox import launchers
from downloads.engine.sandbox.confinement import ProgramResult
from tests.engine.sandbox.conftest import (
    got_nothing,
    needs_landlock_tcp,
    needs_own_network,
    needs_seccomp,
    outcome,
)
from tests.support.origin import Origin

WITHOUT_NAMESPACES = Path(__file__).with_name("without_namespaces.py")
Attempt = Callable[..., ProgramResult]


@pytest.fixture(params=["a network of its own", "connects made for it"])
def networked(
    attempt: Attempt,
    proxy: EgressProxy,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> Attempt:
    if request.param == "connects made for it":
        monkeypatch.setattr(launchers, "_PROGRAM", str(WITHOUT_NAMESPACES))
        monkeypatch.setattr(launchers, "_reserve", launchers._Reserve())

    def make(name: str, *arguments: object, **changes: object) -> ProgramResult:
        return attempt(name, *arguments, proxy=proxy, **changes)

    return make


@pytest.fixture
def datagrams() -> Iterator[socket.socket]:
    """A local UDP service that must not hear anything."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        yield sock
        assert not select.select([sock], [], [], 0)[0]


def led_nowhere_else(finished: ProgramResult) -> bool:
    """It was refused; or, where its launcher connects for it, led to the proxy instead."""
    if str(WITHOUT_NAMESPACES) == launchers._PROGRAM:
        return bool(outcome(finished)["got"] == "connected")
    return got_nothing(finished)


def test_the_proxy_can_be_reached(networked: Attempt, proxy: EgressProxy) -> None:
    assert outcome(networked("tcp", proxy.port))["got"] == "connected"


@needs_own_network
def test_the_proxys_port_leads_nowhere_on_another_address(
    networked: Attempt, proxy: EgressProxy
) -> None:
    for address in ("127.0.0.2", "::ffff:127.0.0.2"):
        with Origin(host="127.0.0.2", port=proxy.port) as inside:
            networked("tcp_at", address, proxy.port)
            assert inside.connections == 0


@needs_own_network
def test_its_network_ends_with_it(networked: Attempt, proxy: EgressProxy) -> None:
    assert outcome(networked("tcp", proxy.port))["got"] == "connected"
    assert not proxy._adopted


@needs_landlock_tcp
def test_no_other_port_can(networked: Attempt, canary: Origin) -> None:
    assert led_nowhere_else(networked("tcp", canary.port))
    assert canary.connections == 0


@needs_landlock_tcp
def test_nor_by_ipv6(networked: Attempt) -> None:
    with Origin(host="::1") as inside:
        assert led_nowhere_else(networked("tcp6", inside.port))
        assert inside.connections == 0


@needs_seccomp
@pytest.mark.parametrize("how", ["multipath_tcp", "fast_open", "fast_open_by_sendmsg"])
def test_nor_by_what_landlock_does_not_see(networked: Attempt, canary: Origin, how: str) -> None:
    assert got_nothing(networked(how, canary.port))


@needs_seccomp
def test_udp_is_closed(networked: Attempt, datagrams: socket.socket) -> None:
    assert got_nothing(networked("udp", datagrams.getsockname()[1]))


@needs_seccomp
def test_local_sockets_are_closed(networked: Attempt, tmp_path: Path) -> None:
    path = str(tmp_path / "socket")
    name = uuid.uuid4().hex
    with socket.socket(socket.AF_UNIX) as by_path, socket.socket(socket.AF_UNIX) as by_name:
        by_path.bind(path)
        by_path.listen()
        by_name.bind("\0" + name)
        by_name.listen()
        assert got_nothing(networked("unix", path))
        assert got_nothing(networked("abstract", name))
        assert not select.select([by_path, by_name], [], [], 0)[0]


@needs_seccomp
def test_a_pair_leads_to_no_other_process(networked: Attempt, tmp_path: Path) -> None:
    assert outcome(networked("stream_pair"))["got"] == "own"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as inside:
        inside.bind(str(tmp_path / "socket"))
        assert got_nothing(networked("unix_through_a_datagram_pair", tmp_path / "socket"))
        assert not select.select([inside], [], [], 0)[0]


@needs_seccomp
@pytest.mark.parametrize(
    "how", ["listen_bound", "listen_unbound", "raw", "packet", "netlink", "vsock"]
)
def test_it_cannot_listen_nor_go_below_tcp(networked: Attempt, how: str) -> None:
    assert got_nothing(networked(how))


@needs_seccomp
@pytest.mark.parametrize("how", ["tcp", "udp", "multipath_tcp", "fast_open"])
def test_without_network_there_is_no_socket_at_all(
    attempt: Attempt, proxy: EgressProxy, how: str
) -> None:
    finished = attempt(how, proxy.port)
    assert outcome(finished) == {"error": "PermissionError", "says": "[Errno 13] Permission denied"}


@needs_seccomp
def test_nor_a_pair(attempt: Attempt) -> None:
    assert got_nothing(attempt("stream_pair"))
    assert outcome(attempt("stream_pair", socket_pairs=True))["got"] == "own"
