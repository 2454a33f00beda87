"""The addresses of this host's own interfaces."""

from __future__ import annotations

import socket

from downloads.egress.policy import Address, canonical


def own_addresses() -> frozenset[Address]:
    """Every address of every interface, public ones too. Read anew for each job: they change."""
    import psutil  # costs 15 ms at start, and only a server needs it

    found = set()
    for addresses in psutil.net_if_addrs().values():
        for entry in addresses:
            if entry.family in (socket.AF_INET, socket.AF_INET6):
                found.add(canonical(entry.address))
    return frozenset(found)
