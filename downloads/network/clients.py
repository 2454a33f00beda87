"""The clients that reach out: what they may connect to, with what, and within what
limits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache

from django.conf import settings

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import LoginRequired
from downloads.engine.egress.client import Client
from downloads.engine.egress.local_addresses import DEFAULT_PORTS, endpoint, own_addresses
from downloads.engine.egress.policy import AddressPolicy, parse_allowed_networks
from downloads.engine.egress.rules import NO_RULES, RequestRules
from downloads.engine.transfer.bandwidth import TokenBucket
from downloads.engine.transfer.config import TransferConfig
from downloads.models import Content, Rendition
from downloads.network import credentials
from downloads.network.host_rules import host_rules


def client(
    stop: StopToken | None = None,
    *,
    grants: frozenset[str] = frozenset(),
    cookies: str = "",
    rules: RequestRules = NO_RULES,
) -> Client:
    """A guarded HTTP client for one job; close it. ``grants``: see AddressPolicy; ``cookies``
    and ``rules``: see Client. It needs no database."""
    return Client(address_policy(grants), stop=stop, cookies=cookies, rules=rules)


def client_for(rendition: Rendition, stop: StopToken) -> AbstractContextManager[Client]:
    """For the fetch of this rendition: with its owner's cookies, where it is somebody's alone.

    A LoginRequired that leaves the block says what that user has to do about his cookies, and
    his page of cookies says it too.
    """
    return _client(rendition.content, rendition.credential_owner_id, stop)


def client_for_content(content: Content, stop: StopToken) -> AbstractContextManager[Client]:
    """For a look at what this content is. As ``client_for``."""
    return _client(content, content.credential_owner_id, stop)


@contextmanager
def _client(content: Content, owner_id: int | None, stop: StopToken) -> Iterator[Client]:
    handed = credentials.cookies_for(owner_id, content.source_url)
    made = client(stop, grants=content.grants, cookies=handed.text, rules=host_rules())
    with made:
        try:
            yield made
        except LoginRequired as error:
            if owner_id is not None and handed.text:
                credentials.note_refusal(owner_id, handed.site)
            if error.message != LoginRequired.default_message:
                raise  # whoever raised it knows better what is wanted
            advice = credentials.login_advice(owner_id, content.source_url)
            raise LoginRequired(error.detail, message=advice) from None


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
    redis = endpoint(settings.REDIS_URL)
    found = set() if redis is None else {redis}
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
