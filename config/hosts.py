"""The host names of this machine, for when ALLOWED_HOSTS is not set."""

from __future__ import annotations

import socket

import psutil

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
ANY = {"0.0.0.0", "::"}
_FAMILIES = {socket.AF_INET, socket.AF_INET6}


def own_names(listen_host: str) -> list[str]:
    """Return loopback, the machine's name and the host listened on."""
    names = [*reached_from_here(listen_host), socket.gethostname().lower()]
    if listen_host not in ANY:
        return names
    # Literal addresses cannot be a rebinding attack, for which a name is needed.
    for interface in psutil.net_if_addrs().values():
        literals = [entry.address for entry in interface if entry.family in _FAMILIES]
        names += [_bracketed(literal.partition("%")[0]) for literal in literals]
    return list(dict.fromkeys(names))


def reached_from_here(listen_host: str) -> list[str]:
    """Return the names that are always allowed: health checks and the sample come from this
    machine."""
    # Literal addresses and localhost cannot be a rebinding attack either.
    listened = [] if listen_host in ANY else [_bracketed(listen_host)]
    return list(dict.fromkeys([*LOOPBACK, *listened]))


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
