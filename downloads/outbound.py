"""How Ferry reaches out, by its settings: what it may connect to, and within what limits."""

from __future__ import annotations

from functools import cache
from urllib.parse import urlsplit

from django.conf import settings

from downloads.egress.client import Client
from downloads.egress.own import own_addresses
from downloads.egress.policy import AddressPolicy, parse_allowed_networks
from downloads.stop import StopToken
from downloads.transfer.bandwidth import TokenBucket
from downloads.transfer.config import TransferConfig

DEFAULT_PORTS = {"redis": 6379, "rediss": 6379, "postgres": 5432, "postgresql": 5432}


def client(stop: StopToken | None = None, *, grants: frozenset[str] = frozenset()) -> Client:
    """A guarded HTTP client for one job; close it. ``grants``: see AddressPolicy."""
    return Client(address_policy(grants), stop=stop)


def address_policy(grants: frozenset[str] = frozenset()) -> AddressPolicy:
    endpoints = own_endpoints()
    return AddressPolicy(
        allowed_networks=parse_allowed_networks(settings.FETCH_ALLOWED_NETWORKS),
        own_ports=frozenset({settings.PORT, *(port for _, port in endpoints)}),
        own_addresses=own_addresses(),
        own_endpoints=endpoints,
        grants=grants,
    )


def own_endpoints() -> frozenset[tuple[str, int]]:
    """Host and port of the services that Ferry itself depends on."""
    found = set()
    if settings.REDIS_URL:
        redis = urlsplit(settings.REDIS_URL)
        found.add((redis.hostname or "localhost", redis.port or DEFAULT_PORTS["redis"]))
    database = settings.DATABASES["default"]
    if "postgresql" in database["ENGINE"]:
        port = int(database.get("PORT") or DEFAULT_PORTS["postgresql"])
        found.add((database.get("HOST") or "localhost", port))
    return frozenset(found)


def transfer_config() -> TransferConfig:
    return TransferConfig(
        connections=settings.FETCH_CONNECTIONS,
        max_bytes=settings.FETCH_MAX_BYTES,
        deadline=settings.FETCH_DEADLINE,
        min_rate=settings.FETCH_MIN_RATE,
    )


@cache
def rate_limiter() -> TokenBucket:
    """One for the process: FETCH_RATE_LIMIT is shared by all that it fetches."""
    return TokenBucket(settings.FETCH_RATE_LIMIT)
