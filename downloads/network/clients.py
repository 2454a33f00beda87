"""HTTP clients by the settings: their address policy, credentials and limits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from typing import Final

from django.conf import settings
from django.db.models import UUIDField

from config.prepared import PreparedValues
from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import LoginRequired
from downloads.engine.egress.client import Client
from downloads.engine.egress.local_addresses import DEFAULT_PORTS, endpoint, own_addresses
from downloads.engine.egress.policy import AddressPolicy, parse_allowed_networks
from downloads.engine.egress.rules import NO_RULES, RequestRules
from downloads.engine.transfer.bandwidth import TokenBucket
from downloads.engine.transfer.config import TransferConfig
from downloads.models import Content, Download, Rendition
from downloads.network import credentials
from downloads.network.host_rules import host_rules


def client(
    stop: StopToken | None = None,
    *,
    grants: frozenset[str] = frozenset(),
    cookies: str = "",
    rules: RequestRules = NO_RULES,
    user: str = "",
) -> Client:
    """Return a guarded HTTP client for one job; the caller closes it. It needs no database.

    ``grants``: see AddressPolicy; ``cookies``, ``rules`` and ``user``: see Client.
    """
    return Client(address_policy(grants), stop=stop, cookies=cookies, rules=rules, user=user)


_first_holder: Final = PreparedValues(
    lambda pk: (
        Download.objects.filter(rendition=pk).order_by("created_at").values_list("user_id")[:1]
    ),
    UUIDField(),
)


def client_for(rendition: Rendition, stop: StopToken) -> AbstractContextManager[Client]:
    """Return a client to fetch this rendition: with its owner's cookies, if it belongs to one user.

    A LoginRequired that leaves the block says what that user must do about their cookies, and
    their cookies page says it too.
    """
    first = next((user_id for (user_id,) in _first_holder(rendition.pk)), None)
    return _client(rendition.content, rendition.credential_owner_id, stop, first)


def client_for_content(content: Content, stop: StopToken) -> AbstractContextManager[Client]:
    """Return a client to probe this content. See ``client_for``."""
    first = content.requests.order_by("pk").values_list("user_id", flat=True).first()
    return _client(content, content.credential_owner_id, stop, first)


@contextmanager
def _client(
    content: Content, owner_id: int | None, stop: StopToken, user_id: int | None
) -> Iterator[Client]:
    """``user_id``: who asked for it first, when no cookies say whose it is."""
    handed = credentials.cookies_for(owner_id, content.source_url)
    made = client(
        stop,
        grants=content.grants,
        cookies=handed.text,
        rules=host_rules(),
        user=str(owner_id or user_id or ""),
    )
    with made:
        try:
            yield made
        except LoginRequired as error:
            if owner_id is not None and handed.text:
                credentials.note_refusal(owner_id, handed.site)
            if error.message != LoginRequired.default_message:
                raise  # the resolver gave a more specific message
            advice = credentials.login_advice(owner_id, content.source_url)
            raise LoginRequired(error.detail, message=advice) from None


def address_policy(grants: frozenset[str] = frozenset()) -> AddressPolicy:
    """Return the policy of the settings: no private address but those allowed or granted."""
    endpoints = own_endpoints()
    return AddressPolicy(
        allowed_networks=parse_allowed_networks(settings.FETCH_ALLOWED_NETWORKS),
        own_ports=frozenset({settings.PORT, *(port for _, port in endpoints)}),
        own_addresses=own_addresses(),
        own_endpoints=endpoints,
        grants=grants,
    )


def own_endpoints() -> frozenset[tuple[str, int]]:
    """Return host and port of the services that Ferry itself depends on."""
    redis = endpoint(settings.REDIS_URL)
    found = set() if redis is None else {redis}
    database = settings.DATABASES["default"]
    if "postgresql" in database["ENGINE"]:
        port = int(database.get("PORT") or DEFAULT_PORTS["postgresql"])
        found.add((database.get("HOST") or "localhost", port))
    return frozenset(found)


def transfer_config() -> TransferConfig:
    """Return the limits of one transfer, by the FETCH_* settings."""
    return TransferConfig(
        connections=settings.FETCH_CONNECTIONS,
        max_bytes=settings.FETCH_MAX_BYTES,
        deadline=settings.FETCH_DEADLINE,
        min_rate=settings.FETCH_MIN_RATE,
    )


@cache
def rate_limiter() -> TokenBucket:
    """Return the process's one bucket: all its transfers share FETCH_RATE_LIMIT."""
    return TokenBucket(settings.FETCH_RATE_LIMIT)
