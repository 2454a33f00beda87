"""How Ferry reaches out, by its settings: to whom, with whose cookies, by which host's rules."""

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
