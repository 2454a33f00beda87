"""Whatever goes through the proxy goes where the address policy allows, by CONNECT and by GET."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import pytest

from downloads.engine.core.errors import BlockedAddress
from downloads.engine.egress.policy import AddressPolicy, parse_allowed_networks
from downloads.engine.egress.proxy import EgressProxy, EgressSession
from tests.engine.egress.test_spellings import HOSTS
from tests.engine.sandbox.speaking import ask, connect_line, get_line, status, why
from tests.support.answers import redirect, respond
from tests.support.names import Names, names
from tests.support.origin import Origin

__all__ = ["names"]

WIDE = AddressPolicy(allowed_networks=parse_allowed_networks("127.0.0.0/8,::1/128"))
# Without what only a URL can carry: escapes, credentials, other scripts.
NAMED = [host for host in HOSTS if host.isascii() and not set("%@") & set(host)]


@pytest.fixture
def strict(proxy: EgressProxy) -> Iterator[EgressSession]:
    with proxy.open(AddressPolicy(), max_bytes=10**9, seconds=60) as session:
        yield session


@pytest.fixture
def wide(proxy: EgressProxy) -> Iterator[EgressSession]:
    with proxy.open(WIDE, max_bytes=10**9, seconds=60) as session:
        yield session


Line = Callable[[str, EgressSession], bytes]


def get(authority: str, session: EgressSession) -> bytes:
    return get_line(f"http://{authority}/", session)


@pytest.mark.parametrize("line", [get, connect_line])
@pytest.mark.parametrize("host", NAMED)
def test_every_inside_address_is_blocked(
    proxy: EgressProxy, strict: EgressSession, canary: Origin, host: str, line: Line
) -> None:
    answer = ask(proxy, line(f"{host}:{canary.port}", strict))
    assert (status(answer), why(answer)) == (403, "blocked")
    assert isinstance(strict.blocked, BlockedAddress)
    with pytest.raises(BlockedAddress):
        strict.check()


@pytest.mark.parametrize(
    "address",
    ["10.0.0.1", "100.64.0.1", "169.254.169.254", "192.168.1.1", "198.18.0.1", "224.0.0.1",
     "255.255.255.255", "[fc00::1]", "[fe80::1]", "[ff02::1]", "[2002:a00:1::]", "[2001::1]",
     "[64:ff9b::a00:1]", "[::ffff:10.0.0.1]"],
)  # fmt: skip
@pytest.mark.parametrize("line", [get, connect_line])
def test_every_closed_range_is_blocked(
    proxy: EgressProxy, strict: EgressSession, address: str, line: Line
) -> None:
    assert why(ask(proxy, line(f"{address}:80", strict))) == "blocked"


@pytest.mark.parametrize("line", [get, connect_line])
def test_the_proxy_is_one_of_our_own_ports(
    proxy: EgressProxy, wide: EgressSession, line: Line
) -> None:
    for host in ("127.0.0.1", "localhost", "127.0.0.2", "[::ffff:127.0.0.1]"):
        assert why(ask(proxy, line(f"{host}:{proxy.port}", wide))) == "blocked"


@pytest.mark.parametrize("line", [get, connect_line])
def test_a_name_with_one_inside_address_is_blocked(
    proxy: EgressProxy,
    strict: EgressSession,
    canary: Origin,
    line: Line,
    names: Callable[..., Names],
) -> None:
    resolver = names(("93.184.216.34", "127.0.0.1"))
    with socket.socket() as sock:
        sock.settimeout(30)
        sock.connect(("127.0.0.1", proxy.port))
        sock.sendall(line(f"rebinding.example:{canary.port}", strict))
        answer = sock.recv(65536)
    assert why(answer) == "blocked"
    assert resolver.asked == 1


def test_what_is_allowed_passes(proxy: EgressProxy, wide: EgressSession, origin: Origin) -> None:
    answer = ask(proxy, get_line(origin.url("/"), wide))
    assert status(answer) == 200
    assert answer.endswith(b"content")
    wide.check()


def test_a_redirect_is_the_clients_to_follow(
    proxy: EgressProxy, wide: EgressSession, origin: Origin, canary: Origin
) -> None:
    origin.answers["/"] = redirect(canary.url("/"))
    answer = ask(proxy, get_line(origin.url("/"), wide))
    assert status(answer) == 302
    assert canary.url("/").encode() in answer


def test_a_grant_opens_its_own_url_alone(proxy: EgressProxy, origin: Origin) -> None:
    origin.answers["/other"] = respond(b"other")
    policy = AddressPolicy(grants=frozenset({origin.url("/")}))
    with proxy.open(policy, max_bytes=10**6, seconds=60) as session:
        assert ask(proxy, get_line(origin.url("/"), session)).endswith(b"content")
        assert why(ask(proxy, get_line(origin.url("/other"), session))) == "blocked"
        tunnel = ask(proxy, connect_line(f"127.0.0.1:{origin.port}", session))
        assert why(tunnel) == "blocked"
    assert [request.path for request in origin.log] == ["/"]


def test_a_grant_of_https_opens_no_tunnel(proxy: EgressProxy, canary: Origin) -> None:
    policy = AddressPolicy(grants=frozenset({f"https://127.0.0.1:{canary.port}/"}))
    with proxy.open(policy, max_bytes=10**6, seconds=60) as session:
        assert why(ask(proxy, connect_line(f"127.0.0.1:{canary.port}", session))) == "blocked"


def test_a_refusal_of_one_session_is_not_anothers(
    proxy: EgressProxy, strict: EgressSession, wide: EgressSession, canary: Origin
) -> None:
    ask(proxy, get_line(canary.url("/"), strict))
    assert strict.blocked
    assert wide.blocked is None


def test_it_listens_on_loopback_alone(proxy: EgressProxy) -> None:
    with socket.socket() as sock:
        sock.settimeout(5)
        assert sock.connect_ex(("127.0.0.2", proxy.port)) != 0
