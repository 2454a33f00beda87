"""The address of a client. What a proxy says of it counts if TRUSTED_PROXIES names the proxy."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest

from config.parsing import Address, TrustedProxies

MOST_HOPS: Final = 32  # of an X-Forwarded-For that are looked at, from its end
_SUBSCRIBER: Final = 64  # bits of an IPv6 prefix: who has one address of it has them all


class ForwardedAddress:
    """An ASGI application that puts the client's address in place of a trusted proxy's.

    From any other peer ``X-Forwarded-For``, ``X-Forwarded-Proto`` and ``X-Request-ID`` are taken
    out. Without trusted proxies the scheme is believed, as BEHIND_HTTPS_PROXY says, and no address
    is.
    """

    def __init__(self, application: Any, trusted: TrustedProxies) -> None:
        self.application = application
        self.trusted = trusted

    async def __call__(self, scope: Any, receive: Callable[[], Awaitable[Any]], send: Any) -> None:
        if self.trusted and scope["type"] in ("http", "websocket"):
            scope = self._attributed(scope)
        await self.application(scope, receive, send)

    def _attributed(self, scope: dict[str, Any]) -> dict[str, Any]:
        peer = parsed((scope.get("client") or ("", 0))[0])
        if peer not in self.trusted:
            dropped = (b"x-forwarded-for", b"x-forwarded-proto", b"x-request-id")
            kept = [item for item in scope["headers"] if item[0].lower() not in dropped]
            return {**scope, "headers": kept}
        values = [value for name, value in scope["headers"] if name.lower() == b"x-forwarded-for"]
        client = forwarded_client(peer, b",".join(values).decode("latin-1"), self.trusted)
        return {**scope, "client": None if client is None else [str(client), 0]}


def forwarded_client(
    peer: Address | None, forwarded: str, trusted: TrustedProxies
) -> Address | None:
    """Return the last address that no trusted proxy has: each proxy appends its own peer, so what
    stands before that was written by a stranger. ``peer`` is None at a Unix socket."""
    found = peer
    for hop in reversed(forwarded.rsplit(",", MOST_HOPS)[-MOST_HOPS:]):
        address = parsed(hop.strip())
        if address is None:
            break
        found = address
        if address not in trusted:
            break
    return found


def parsed(text: str) -> Address | None:
    """Return the address, which may have a port; None if it is none. IPv4 in IPv6 is IPv4."""
    host = text[:64].partition("%")[0]
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def subscriber(text: str) -> str | None:
    """Return what limits per address are counted by: an IPv4 address, or the first of an IPv6 /64;
    None if it is no address."""
    address = parsed(text)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, _SUBSCRIBER), strict=False).network_address)
    return None if address is None else str(address)


def client_address(request: HttpRequest) -> str | None:
    """Return the address that sign-in attempts are counted by.

    Behind ``ForwardedAddress`` the headers say nothing new; other servers have REMOTE_ADDR alone.
    """
    peer = parsed(request.META.get("REMOTE_ADDR") or "")
    if peer is None:
        return None
    trusted = settings.TRUSTED_PROXIES
    if peer in trusted:
        peer = forwarded_client(peer, request.META.get("HTTP_X_FORWARDED_FOR", ""), trusted)
    return subscriber(str(peer))
