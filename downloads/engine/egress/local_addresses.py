"""This host's own addresses, and the services that Ferry itself depends on."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from downloads.engine.egress.policy import Address, canonical

DEFAULT_PORTS = {"redis": 6379, "rediss": 6379, "postgres": 5432, "postgresql": 5432}


def own_addresses() -> frozenset[Address]:
    """Return every address of every interface, public ones too. Read again for each job: they
    change."""
    import psutil  # takes some milliseconds, which parsing alone must not cost

    found = set()
    for addresses in psutil.net_if_addrs().values():
        for entry in addresses:
            if entry.family in (socket.AF_INET, socket.AF_INET6):
                found.add(canonical(entry.address))
    return frozenset(found)


def endpoint(url: str) -> tuple[str, int] | None:
    """Return host and port of the service at this address; None for a file, or nothing."""
    parts = urlsplit(url)
    default = DEFAULT_PORTS.get(parts.scheme)
    return None if default is None else (parts.hostname or "localhost", parts.port or default)
