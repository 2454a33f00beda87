"""One job's right to go out: its credentials, policy, limits, and counts."""

from __future__ import annotations

import base64
import hmac
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import BlockedAddress, DeadlineExceeded, TooLarge
from downloads.engine.egress.policy import AddressPolicy
from downloads.engine.egress.proxy.refusal import RefusalReason, Refused
from downloads.engine.egress.rules import NO_RULES, RequestRules


@dataclass(eq=False)
class EgressSession:
    """The session of one job, opened by ``EgressProxy.open``. Close it at the job's end, or use it
    as a context manager.

    ``received`` and ``sent`` count bytes over all of its connections, from and to the sources.
    ``blocked`` is the first refusal by the address policy; it stays.
    """

    policy: AddressPolicy
    port: int
    max_bytes: int
    deadline: float  # of the monotonic clock
    stop: StopToken | None
    on_close: Callable[[EgressSession], None]
    rules: RequestRules = NO_RULES
    name: str = field(default_factory=lambda: secrets.token_hex(8))
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    received: int = 0
    sent: int = 0
    connections: int = 0
    blocked: BlockedAddress | None = None
    exhausted: bool = False
    closed: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def url(self) -> str:
        """Return the proxy's URL for a client's setting. It is a secret: it opens the way out."""
        return f"http://{self.name}:{self.token}@127.0.0.1:{self.port}"

    def environment(self) -> tuple[tuple[str, str], ...]:
        """Return the variables by which programs find their proxy."""
        names = ("http_proxy", "https_proxy", "all_proxy")
        ways = [(spelling, self.url) for name in names for spelling in (name, name.upper())]
        return (*ways, ("no_proxy", ""), ("NO_PROXY", ""))

    def opens_with(self, authorization: bytes) -> bool:
        """Return if the value of Proxy-Authorization fits (RFC 7617). Compared in constant time."""
        pair = base64.b64encode(f"{self.name}:{self.token}".encode())
        scheme, _, value = authorization.partition(b" ")
        return scheme.lower() == b"basic" and hmac.compare_digest(value.strip(), pair)

    def check(self) -> None:
        """Raise the proxy's own refusal of this job: BlockedAddress, TooLarge or DeadlineExceeded.

        So the caller reports the cause rather than the jailed program's reaction to it.
        """
        if self.blocked is not None:
            raise self.blocked
        if self.exhausted:
            raise TooLarge(f"more than {self.max_bytes} bytes through the egress proxy")
        if self.late:
            raise DeadlineExceeded("the egress proxy's deadline has passed")

    @property
    def late(self) -> bool:
        return time.monotonic() >= self.deadline

    @property
    def over(self) -> bool:
        """Return if nothing may pass any more."""
        return self.closed or self.late or (self.stop is not None and self.stop.stopped)

    def admit(self) -> None:
        """Raise Refused if no further connection may be opened."""
        if self.exhausted:
            raise Refused(RefusalReason.LIMIT)
        if self.over:
            raise Refused(RefusalReason.OVER)

    def count_received(self, count: int) -> None:
        with self._lock:
            self.received += count
        self._spend()

    def count_sent(self, count: int) -> None:
        with self._lock:
            self.sent += count
        self._spend()

    def _spend(self) -> None:
        if self.stop is not None:
            self.stop.beat()
        if self.received + self.sent > self.max_bytes:
            self.exhausted = True
            raise Refused(RefusalReason.LIMIT)

    def block(self, error: BlockedAddress) -> None:
        if self.blocked is None:
            self.blocked = error

    def close(self) -> None:
        """Revoke the credentials; the proxy ends its connections."""
        self.closed = True
        self.on_close(self)

    def __enter__(self) -> EgressSession:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
