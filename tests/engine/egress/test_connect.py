"""The address that was checked is the address that is connected to."""

from __future__ import annotations

import ipaddress
import socket
import sys
import threading
from collections.abc import Callable

import pytest

from config.server.supervisor.port import ReservedPort
from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import BlockedAddress, NetworkError, Stopped, StopReason
from downloads.engine.egress import lookup as lookup_module
from downloads.engine.egress.client import Client, Limits
from downloads.engine.egress.connect import Guard
from downloads.engine.egress.local_addresses import own_addresses
from downloads.engine.egress.lookup import lookup
from downloads.engine.egress.policy import AddressPolicy, parse_allowed_networks
from tests.engine.egress.conftest import QUICK
from tests.support.answers import respond
from tests.support.names import Names
from tests.support.origin import Origin

many_loopbacks = pytest.mark.skipif(
    sys.platform == "darwin", reason="macOS has no loopback address but 127.0.0.1"
)


@pytest.mark.parametrize("inside", ["127.0.0.1", "10.0.0.1", "::1", "::ffff:127.0.0.1", "fe80::1"])
@pytest.mark.parametrize("first", [True, False])
def test_one_private_answer_among_public_ones_blocks_all(
    inside: str, first: bool, canary: Origin, names: Callable[..., Names]
) -> None:
    answers = ("93.184.216.34", inside)
    names(answers[::-1] if first else answers)
    with Client(AddressPolicy(), limits=QUICK) as client, pytest.raises(BlockedAddress):
        client.get(f"http://rebind.example:{canary.port}/")


@many_loopbacks
def test_a_name_is_asked_once_and_the_checked_address_is_used(
    canary: Origin, names: Callable[..., Names]
) -> None:
    """A second answer that leads inside changes nothing: it is not requested."""
    with Origin({"/": respond(b"x")}, host="127.0.0.2", port=canary.port) as allowed:
        fake = names(("127.0.0.2",), ("127.0.0.1",))
        policy = AddressPolicy(allowed_networks=parse_allowed_networks("127.0.0.2/32"))
        with Client(policy, limits=QUICK) as client:
            response = client.get(f"http://rebind.example:{allowed.port}/")
            assert response.address == ("127.0.0.2", allowed.port)
            response.close()
        assert fake.asked == 1
        assert allowed.log[0].headers["host"] == f"rebind.example:{allowed.port}"


@many_loopbacks
def test_each_redirect_is_judged_by_a_new_look(canary: Origin, names: Callable[..., Names]) -> None:
    moved = respond(status="302 Found", Location="/again", Connection="close")
    with Origin({"/": moved}, host="127.0.0.2", port=canary.port) as allowed:
        names(("127.0.0.2",), ("127.0.0.1",))
        policy = AddressPolicy(allowed_networks=parse_allowed_networks("127.0.0.2/32"))
        with Client(policy, limits=QUICK) as client, pytest.raises(BlockedAddress):
            client.get(f"http://rebind.example:{allowed.port}/")


@many_loopbacks
def test_the_next_address_is_tried_where_one_refuses(
    origin: Origin, names: Callable[..., Names]
) -> None:
    origin.answers["/"] = respond(b"x")
    names(("127.0.0.3", "127.0.0.1"))
    policy = AddressPolicy(allowed_networks=parse_allowed_networks("127.0.0.0/8"))
    with Client(policy, limits=QUICK) as client, client.get(origin.url()) as response:
        assert response.address == ("127.0.0.1", origin.port)


def test_an_own_port_is_refused_although_the_network_is_allowed(canary: Origin) -> None:
    policy = AddressPolicy(
        allowed_networks=parse_allowed_networks("127.0.0.0/8,::1/128,0.0.0.0/8"),
        own_ports=frozenset({canary.port}),
    )
    for host in ("127.0.0.1", "127.0.0.7", "[::1]", "0", "localhost", "[::ffff:127.0.0.1]"):
        with Client(policy, limits=QUICK) as client, pytest.raises(BlockedAddress):
            client.get(f"http://{host}:{canary.port}/")


def test_an_own_endpoint_elsewhere_is_refused_by_any_name(
    canary: Origin, names: Callable[..., Names]
) -> None:
    names(("127.0.0.1",))
    policy = AddressPolicy(
        allowed_networks=parse_allowed_networks("127.0.0.0/8"),
        own_endpoints=frozenset({("redis.internal", canary.port)}),
    )
    with Client(policy, limits=QUICK) as client, pytest.raises(BlockedAddress, match="own"):
        client.get(f"http://alias.example:{canary.port}/")


def test_an_own_endpoint_that_cannot_be_found_keeps_its_port_closed(
    canary: Origin, names: Callable[..., Names]
) -> None:
    names(("127.0.0.1",), ())
    policy = AddressPolicy(
        allowed_networks=parse_allowed_networks("127.0.0.0/8"),
        own_endpoints=frozenset({("nowhere.invalid", canary.port)}),
    )
    with Client(policy, limits=QUICK) as client, pytest.raises(BlockedAddress, match="own"):
        client.get(f"http://127.0.0.1:{canary.port}/")


def test_an_own_interface_is_found_out_by_connecting() -> None:
    """Both ends having one address is proof, even where the interface list knew nothing."""
    ours = [one for one in own_addresses() if one.version == 4]
    for address in ours:
        with Origin(host=str(address)) as inside:
            policy = AddressPolicy(
                allowed_networks=parse_allowed_networks("0.0.0.0/0"),
                own_ports=frozenset({inside.port}),
            )
            with pytest.raises(BlockedAddress, match="own"):
                Guard(policy, 2.0).open(str(address), inside.port)
            assert not inside.log
    assert ipaddress.ip_address("127.0.0.1") in ours


def test_a_name_that_does_not_exist_is_a_network_error(names: Callable[..., Names]) -> None:
    names(())
    with pytest.raises(NetworkError) as caught:
        lookup("nowhere.invalid", 80, 5.0)
    assert "nowhere.invalid" in caught.value.message


def test_a_refused_connection_is_a_network_error(client: Client, origin: Origin) -> None:
    nothing = ReservedPort()  # listens there
    policy = AddressPolicy(allowed_networks=parse_allowed_networks("127.0.0.1"))
    with pytest.raises(NetworkError, match="refused"):
        Guard(policy, 2.0).open("127.0.0.1", nothing.number)


@pytest.fixture
def hanging_names(names: Callable[..., Names]) -> None:
    names(("127.0.0.1",)).hang()


@pytest.mark.usefixtures("hanging_names")
def test_name_resolution_ends_in_time() -> None:
    with pytest.raises(NetworkError, match="timed out"):
        lookup("slow.example", 80, 0.2)


@pytest.mark.usefixtures("hanging_names")
def test_name_resolution_ends_when_told_to() -> None:
    stop = StopToken()
    threading.Timer(0.1, stop.stop, [StopReason.SHUTDOWN]).start()
    with pytest.raises(Stopped):
        lookup("slow.example", 80, 20.0, stop)


@pytest.mark.usefixtures("hanging_names")
def test_hanging_lookups_are_bounded_in_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup_module, "_slots", threading.BoundedSemaphore(1))
    before = threading.active_count()
    for _ in range(3):
        with pytest.raises(NetworkError):
            lookup("slow.example", 80, 0.15)
    assert threading.active_count() <= before + 1


def test_a_connect_ends_when_told_to() -> None:
    """A full backlog: the SYN is never answered."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        port = listener.getsockname()[1]
        fill = [socket.socket() for _ in range(4)]
        for one in fill:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        stop = StopToken()
        threading.Timer(0.2, stop.stop, [StopReason.UNWANTED]).start()
        policy = AddressPolicy(allowed_networks=parse_allowed_networks("127.0.0.1"))
        with pytest.raises(Stopped):
            Guard(policy, 3600.0, stop).open("127.0.0.1", port)
        for one in fill:
            one.close()


def test_a_handshake_ends_when_told_to() -> None:
    """The source takes the connection and says nothing."""
    with Origin() as silent:
        stop = StopToken()
        threading.Timer(0.2, stop.stop, [StopReason.UNWANTED]).start()
        policy = AddressPolicy(allowed_networks=parse_allowed_networks("127.0.0.1"))
        limits = Limits(connect_timeout=30.0)
        with Client(policy, limits=limits, stop=stop) as client, pytest.raises(Stopped):
            client.get(silent.url().replace("http:", "https:"))
