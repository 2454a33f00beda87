"""The names and addresses of this machine: by default those of ALLOWED_HOSTS."""

from __future__ import annotations

import socket

import psutil

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # every interface: what reaches it from here
_FAMILIES = {socket.AF_INET, socket.AF_INET6}


def own_names(listen_host: str) -> list[str]:
    """Return loopback, the machine's name and the host listened on."""
    names = [*reached_from_here(listen_host), socket.gethostname().lower()]
    if listen_host not in ANY:
        return names
    # Literal addresses cannot be a rebinding attack, for which a name is needed.
    for interface in psutil.net_if_addrs().values():
        literals = [entry.address for entry in interface if entry.family in _FAMILIES]
        names += [bracketed(literal.partition("%")[0]) for literal in literals]
    return list(dict.fromkeys(names))


def reached_from_here(listen_host: str) -> list[str]:
    """Return the names that are always allowed: health checks and the sample come from this
    machine."""
    # Literal addresses and localhost cannot be a rebinding attack either.
    listened = [] if listen_host in ANY else [bracketed(listen_host)]
    return list(dict.fromkeys([*LOOPBACK, *listened]))


def address_here(listen_host: str) -> str:
    """Return the address at which this machine reaches what listens on this host."""
    return ANY.get(listen_host, listen_host)


def bracketed(host: str) -> str:
    """Return the host as it stands in a URL."""
    return f"[{host}]" if ":" in host else host


def listen_once(host: str, port: int) -> None:
    """Listen for a moment. Raises OSError if nothing can listen there now."""
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family) as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        attempt.bind(address)
        attempt.listen(1)
