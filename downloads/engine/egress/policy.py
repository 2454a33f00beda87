"""The address policy: which addresses Ferry may connect to. Pure: it never asks the network.

Covered: the literal address and port of every connection that fetching opens, and the IPv4
addresses that hide inside IPv6 ones. Not covered: a public address that a router leads back inside
(hairpin NAT), and public services that fetch on behalf of others.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from downloads.engine.core.errors import BlockedAddress

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# IANA's special-purpose registry for IPv4, with the two that it does not list.
_CLOSED_V4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # "this network"; 0.0.0.0 itself leads to loopback
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's host agent, a public address only by its number
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarking
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
# IPv6 is the other way round: only 2000::/3 is handed out, and of that not these.
_GLOBAL_V6 = IPv6Network("2000::/3")
_CLOSED_V6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarking
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
    )
)
# Cloud metadata hands out credentials: no allowed network opens it.
_METADATA = frozenset(
    ipaddress.ip_address(address)
    for address in (
        "100.100.100.200",
        "168.63.129.16",
        "169.254.169.253",
        "169.254.169.254",
        "169.254.170.2",
        "169.254.170.23",
        "192.0.0.192",
        "fd00:ec2::23",
        "fd00:ec2::253",
        "fd00:ec2::254",
        "fd20:ce::254",
    )
)
# IPv4-compatible and the two NAT64 prefixes: the IPv4 address is in the last 32 bits.
_EMBEDDING = tuple(map(IPv6Network, ("::/96", "64:ff9b::/96", "64:ff9b:1::/48")))
# ``a/b-1.m4s``: after each dot or slash comes another name.
_PLAIN_PATH = re.compile(r"(?:[A-Za-z0-9_-]+[./])*[A-Za-z0-9_-]+")
_SLASHES_OF_A_FOLDER = 4  # http://host/folder/
_WITH_PORT = re.compile(r"(?:\[([^\]]+)\](/\d+)?|([0-9.]+(?:/\d+)?)):(\d+)")


@dataclass(frozen=True, slots=True)
class AllowedNetwork:
    """A private range that fetching may reach all the same; ``port`` None means every port."""

    network: Network
    port: int | None = None

    def covers(self, address: Address, port: int) -> bool:
        return address in self.network and self.port in (None, port)


def parse_allowed_networks(text: str) -> tuple[AllowedNetwork, ...]:
    """Read ``FETCH_ALLOWED_NETWORKS``: comma-separated ``CIDR`` or ``CIDR:port`` items.

    IPv6 with a port takes brackets: ``[fd00::]/8:8080``. A bare address is that host alone.
    Raises ValueError with a sentence that names the item and the fix.
    """
    return tuple(_parse_item(item) for item in map(str.strip, text.split(",")) if item)


def _parse_item(item: str) -> AllowedNetwork:
    port: int | None = None
    cidr = item
    if match := _WITH_PORT.fullmatch(item):
        bracketed, prefix, plain, digits = match.groups()
        cidr = bracketed + (prefix or "") if bracketed else plain
        port = int(digits[:6])
        if not 0 < port < 65536:
            raise ValueError(f"{item}: the port must be between 1 and 65535.")
    try:
        network = ipaddress.ip_network(re.sub(r"[\[\]]", "", cidr), strict=False)
    except ValueError:
        raise ValueError(
            f"{item} is not a network. Write it like 10.0.0.0/8, 192.168.1.5/32:8080 "
            "or [fd00::]/8:8080."
        ) from None
    if str(network.network_address) != str(ipaddress.ip_address(_host_part(cidr))):
        raise ValueError(f"{item} has bits set beyond its prefix. Did you mean {network}?")
    return AllowedNetwork(network, port)


def _host_part(cidr: str) -> str:
    return re.sub(r"[\[\]]", "", cidr).partition("/")[0]


def canonical(address: str) -> Address:
    """Return the address without its zone, and an IPv4-mapped one as the IPv4 that it is."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        return parsed.ipv4_mapped
    return parsed


def is_public(address: Address) -> bool:
    """Return True for an address of the open internet by its number alone."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _CLOSED_V4)
    return address in _GLOBAL_V6 and not any(address in network for network in _CLOSED_V6)


def _faces(address: Address) -> Iterator[Address]:
    """Yield the address, and every IPv4 address that a gateway would take it for."""
    yield address
    if isinstance(address, IPv4Address):
        return
    last = IPv4Address(int(address) & 0xFFFFFFFF)
    if any(address in network for network in _EMBEDDING) and int(address) > 1:
        yield last
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """The addresses that one job may connect to.

    ``own_ports``: ports of Ferry's own services on this host. They are never reachable on loopback
    or on ``own_addresses``, whatever is allowed. ``own_endpoints``: (host, port) of services
    elsewhere that are Ferry's own, such as a remote PostgreSQL; names are resolved and compared
    when that port is requested. ``own_addresses``: the addresses of this host's interfaces (see
    ``egress.local_addresses``). ``grants``: normalised URLs; each opens itself alone, past every
    other rule. One that ends with ``/``, but is not a whole host, opens the plainly spelt files
    below it.
    """

    allowed_networks: tuple[AllowedNetwork, ...] = ()
    own_ports: frozenset[int] = frozenset()
    own_addresses: frozenset[Address] = frozenset()
    own_endpoints: frozenset[tuple[str, int]] = frozenset()
    grants: frozenset[str] = frozenset()

    def refusal(self, address: str, port: int) -> str | None:
        """Return why this address may not be connected to; None if it may."""
        for face in _faces(canonical(address)):
            if self.is_own(face) and port in self.own_ports:
                return f"{face} port {port} is a service of Ferry's own"
            if face in _METADATA:
                return f"{face} is a metadata service"
            allowed = any(network.covers(face, port) for network in self.allowed_networks)
            if not allowed and not is_public(face):
                return f"{face} is not a public address, nor in FETCH_ALLOWED_NETWORKS"
            if not allowed and self.is_own(face):
                return f"{face} is this host"
        return None

    def check(self, address: str, port: int) -> None:
        """Raise :class:`BlockedAddress` if this address may not be connected to."""
        if reason := self.refusal(address, port):
            raise BlockedAddress(reason)

    def is_own(self, address: Address) -> bool:
        """Return True for every address by which this host reaches itself."""
        return address.is_loopback or address.is_unspecified or address in self.own_addresses

    def with_own(self, address: Address) -> AddressPolicy:
        """Return this policy with ``address`` as one of this host's too."""
        return replace(self, own_addresses=self.own_addresses | {address})

    def grants_url(self, url: str) -> bool:
        """Return if a grant covers ``url``, which is one of :attr:`egress.target.Target.url`."""
        return url in self.grants or any(_is_below(url, grant) for grant in self.grants)


def _is_below(url: str, folder: str) -> bool:
    """Return if ``url`` is a plainly spelt file below ``folder``.

    By the letters alone: anything that a server might read as a way out (dots, escapes,
    backslashes, a query) is not below it.
    """
    if not folder.endswith("/") or folder.count("/") < _SLASHES_OF_A_FOLDER:
        return False
    return url.startswith(folder) and _PLAIN_PATH.fullmatch(url[len(folder) :]) is not None
