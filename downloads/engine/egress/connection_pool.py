from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Final

from downloads.engine.core.errors import NetworkError
from downloads.engine.egress.connection import GuardedConnection
from downloads.engine.egress.policy import AddressPolicy
from downloads.engine.egress.target import Target

KEPT: Final = 64  # all connections of one file may end at the same moment


@dataclass(frozen=True, slots=True)
class PoolKey:
    """A key of connections that may be shared. One that a grant opened serves that URL alone."""

    origin: tuple[str, str, int]
    grant: str

    @classmethod
    def of(cls, target: Target, policy: AddressPolicy) -> PoolKey:
        return cls(target.origin, target.url if policy.grants_url(target.url) else "")


class ConnectionPool:
    """The idle connections of one client. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[tuple[PoolKey, GuardedConnection]] = []
        self._closed = False

    def take(self, key: PoolKey) -> GuardedConnection | None:
        """Return an idle connection that its server has not closed, or None. Raises NetworkError
        after ``close``."""
        while (idle := self._pop(key)) is not None:
            if not idle.dropped:
                return idle
            idle.close()
        return None

    def release(self, key: PoolKey, connection: GuardedConnection, reusable: bool) -> None:
        """Keep a connection that has served its request, or close it."""
        with self._lock:
            keep = reusable and not self._closed and len(self._idle) < KEPT
            if keep:
                self._idle.append((key, connection))
        if not keep:
            connection.close()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for _, connection in idle:
            connection.close()

    def _pop(self, key: PoolKey) -> GuardedConnection | None:
        with self._lock:
            if self._closed:
                raise NetworkError("the client is closed")
            for place, (held, connection) in enumerate(self._idle):
                if held == key:
                    del self._idle[place]
                    return connection
        return None
