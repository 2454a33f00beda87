"""Outgoing connections by the settings: address policy, users' cookies, rules per host."""

from downloads.network.clients import (
    address_policy,
    client,
    client_for,
    client_for_content,
    own_endpoints,
    rate_limiter,
    transfer_config,
)

__all__ = [
    "address_policy",
    "client",
    "client_for",
    "client_for_content",
    "own_endpoints",
    "rate_limiter",
    "transfer_config",
]
