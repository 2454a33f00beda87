"""Name resolution with a deadline.

``getaddrinfo`` has no timeout, so it runs in a thread of its own that may be left behind; the
number left behind is bounded.
"""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import dataclass, field

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import NetworkError, UnsupportedURL

SLICE = 0.1  # seconds between two checks of the stop token
_slots = threading.BoundedSemaphore(32)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One answer: a literal address, and the arguments to connect to it."""

    family: socket.AddressFamily
    sockaddr: tuple[str, int] | tuple[str, int, int, int]

    @property
    def address(self) -> str:
        return self.sockaddr[0]

    @property
    def port(self) -> int:
        return self.sockaddr[1]


@dataclass(slots=True)
class _Lookup:
    host: str
    port: int
    slot: threading.Semaphore
    done: threading.Event = field(default_factory=threading.Event)
    answers: list[Endpoint] = field(default_factory=list)
    error: Exception | None = None

    def run(self) -> None:
        try:
            for family, _, _, _, sockaddr in socket.getaddrinfo(
                self.host, self.port, type=socket.SOCK_STREAM
            ):
                if family in (socket.AF_INET, socket.AF_INET6):
                    endpoint = Endpoint(family, sockaddr)  # type: ignore[arg-type]
                    if endpoint not in self.answers:
                        self.answers.append(endpoint)
        except (OSError, UnicodeError) as error:
            self.error = error
        finally:
            self.slot.release()
            self.done.set()


def lookup(host: str, port: int, timeout: float, stop: StopToken | None = None) -> list[Endpoint]:
    """Return every address of ``host``, by one query. ``timeout`` is in seconds.

    Raises NetworkError if there is none, UnsupportedURL for an invalid name, and Stopped.
    """
    deadline = time.monotonic() + timeout
    slot = _slots
    while not slot.acquire(timeout=SLICE):
        _check(stop, deadline, host)
    query = _Lookup(host, port, slot)
    threading.Thread(target=query.run, name="lookup", daemon=True).start()
    while not query.done.wait(SLICE):
        _check(stop, deadline, host)
    if isinstance(query.error, UnicodeError):
        raise UnsupportedURL(
            message="The link's host name is not valid. Check it for typing errors."
        )
    if query.error is not None or not query.answers:
        raise NetworkError(
            f"{host}: {query.error or 'no address'}",
            message=f"The name {host} could not be found. "
            "Check the link for typing errors, or retry later.",
        )
    return query.answers


def _check(stop: StopToken | None, deadline: float, host: str) -> None:
    if stop is not None:
        stop.check()
        stop.beat()  # this wait has an end
    if time.monotonic() >= deadline:
        raise NetworkError(
            f"{host}: name resolution timed out",
            message=f"Looking up the name {host} took too long. Retry later.",
        )
