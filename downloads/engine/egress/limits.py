from __future__ import annotations

from dataclasses import dataclass

from downloads.engine.egress.head import MAX_HEAD


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one client's requests, in seconds and bytes.

    ``connect_timeout`` covers name and connect and, again, TLS; ``read_timeout`` all headers of
    one answer, and then the wait for each next body byte.
    """

    connect_timeout: float = 10.0
    read_timeout: float = 30.0
    max_redirects: int = 10
    max_header_bytes: int = MAX_HEAD


DEFAULT_LIMITS = Limits()
