"""The resolver of names."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Final

from downloads.doctor.finding import Finding, fail, ok, warn

KNOWN: Final = "example.com"  # kept for such uses by RFC 2606


def probe(name: str = KNOWN) -> Iterator[Finding]:
    try:
        socket.getaddrinfo(name, 443, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno == socket.EAI_NONAME:
            yield warn(
                "dns",
                f"The resolver answers, and knows no {name}.",
                "If sources are to be fetched from the internet, set a resolver that knows its"
                " names in /etc/resolv.conf.",
            )
        else:
            yield fail(
                "dns",
                f"No name can be resolved ({error.strerror}): sources cannot be found.",
                "Check /etc/resolv.conf (in a container: its DNS settings), and that UDP and TCP"
                " port 53 of the resolver can be reached.",
            )
    except OSError as error:
        yield fail("dns", f"No name can be resolved ({error.strerror}).", "Check the network.")
    else:
        yield ok("dns", "Names are resolved.")
