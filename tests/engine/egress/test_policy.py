"""The addresses that are open, by number alone."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from downloads.engine.core.errors import BlockedAddress
from downloads.engine.egress.local_addresses import own_addresses
from downloads.engine.egress.policy import AddressPolicy, is_public, parse_allowed_networks

CLOSED = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::10.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:10::1",
    "2001:20::1",
    "2001:2::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "4000::1",
]
OPEN = [
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.1",
    "169.253.255.255",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "192.167.255.255",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "::ffff:8.8.8.8",
    "2001:4860:4860::8888",
    "2606:4700::1111",
    "2a00:1450::1",
]


@pytest.mark.parametrize("address", CLOSED)
def test_what_is_not_public_is_refused(address: str) -> None:
    with pytest.raises(BlockedAddress):
        AddressPolicy().check(address, 80)


@pytest.mark.parametrize("address", OPEN)
def test_what_is_public_is_not(address: str) -> None:
    assert AddressPolicy().refusal(address, 80) is None


@given(st.ip_addresses())
def test_never_wider_than_the_standard_library(address: object) -> None:
    """Python's own table, made from IANA's, never calls private what we call public."""
    parsed = ip_address(str(address))
    if is_public(parsed):
        assert parsed.is_global
        assert not parsed.is_multicast


@pytest.mark.parametrize("address", ["10.1.2.3", "127.0.0.1", "192.168.1.1", "::ffff:10.1.2.3"])
def test_an_allowed_network_opens_a_private_range(address: str) -> None:
    policy = AddressPolicy(
        allowed_networks=parse_allowed_networks("10.0.0.0/8,127.0.0.1,192.168.1.1/32")
    )
    assert policy.refusal(address, 8080) is None
    assert policy.refusal("10.1.2.3", 80) is None
    assert policy.refusal("172.16.0.1", 80) is not None


def test_an_allowed_port_opens_that_port_alone() -> None:
    policy = AddressPolicy(
        allowed_networks=parse_allowed_networks("127.0.0.1/32:8080,[::1]/128:81")
    )
    assert policy.refusal("127.0.0.1", 8080) is None
    assert policy.refusal("127.0.0.1", 8081) is not None
    assert policy.refusal("127.0.0.2", 8080) is not None
    assert policy.refusal("::1", 81) is None
    assert policy.refusal("::1", 8080) is not None


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "127.9.9.9", "0.0.0.0", "::", "::1", "::ffff:127.0.0.1", "172.20.0.5",
                "64:ff9b::7f00:1", "::127.0.0.1", "2002:7f00:1::", "93.184.216.34"]
)  # fmt: skip
def test_own_ports_stay_closed_whatever_is_allowed(address: str) -> None:
    policy = AddressPolicy(
        allowed_networks=parse_allowed_networks("0.0.0.0/0,::/0"),
        own_ports=frozenset({6379}),
        own_addresses=frozenset({ip_address("172.20.0.5"), ip_address("93.184.216.34")}),
    )
    assert "own" in (policy.refusal(address, 6379) or "")
    assert policy.refusal(address, 6380) is None
    assert policy.refusal("10.0.0.9", 6379) is None


@pytest.mark.parametrize("address", ["169.254.169.254", "fd00:ec2::254", "::ffff:169.254.169.254"])
def test_metadata_stays_closed_whatever_is_allowed(address: str) -> None:
    policy = AddressPolicy(allowed_networks=parse_allowed_networks("0.0.0.0/0,::/0"))
    assert policy.refusal(address, 80) is not None


def test_a_nat64_address_needs_both_halves_open() -> None:
    policy = AddressPolicy(allowed_networks=parse_allowed_networks("64:ff9b::/96"))
    assert policy.refusal("64:ff9b::808:808", 80) is None
    assert policy.refusal("64:ff9b::a00:1", 80) is not None


def test_an_own_public_address_is_refused() -> None:
    policy = AddressPolicy(own_addresses=frozenset({ip_address("93.184.216.34")}))
    assert policy.refusal("93.184.216.34", 443) is not None
    assert policy.refusal("93.184.216.35", 443) is None


def test_the_interfaces_are_found() -> None:
    assert ip_address("127.0.0.1") in own_addresses()


@pytest.mark.parametrize(
    ("item", "network", "port"),
    [
        ("10.0.0.0/8", "10.0.0.0/8", None),
        ("10.1.2.3", "10.1.2.3/32", None),
        ("10.1.2.3:80", "10.1.2.3/32", 80),
        ("192.168.0.0/16:8080", "192.168.0.0/16", 8080),
        ("fd00::/8", "fd00::/8", None),
        ("[fd00::]/8", "fd00::/8", None),
        ("[::1]/128:8080", "::1/128", 8080),
        ("[::1]:8080", "::1/128", 8080),
        ("[::1/128]:8080", "::1/128", 8080),
        ("::1", "::1/128", None),
    ],
)
def test_reading_an_allowed_network(item: str, network: str, port: int | None) -> None:
    (parsed,) = parse_allowed_networks(f" {item} ,")
    assert (parsed.network, parsed.port) == (ip_network(network), port)


def test_nothing_is_allowed_by_default() -> None:
    assert parse_allowed_networks("") == ()


@pytest.mark.parametrize(
    "item", ["localhost", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/8:0", "10.0.0.0/8:70000",
             "::1:8080/128:x", "10.0.0.0/8:http", "*", "10.0.0.0-10.0.0.9", "[]", "[]:80", "/8"]
)  # fmt: skip
def test_a_wrong_item_is_named_in_a_sentence(item: str) -> None:
    with pytest.raises(ValueError, match=r"[.?]$") as caught:
        parse_allowed_networks(f"10.0.0.0/8, {item}")
    assert item in str(caught.value)
