"""Reasons why the proxy refuses a request, and the answers that say so."""

from __future__ import annotations

from enum import StrEnum

import h11

from downloads.engine.egress.proxy.peer import Peer

MARK = b"X-Ferry-Egress"  # on every answer of the proxy's own; its value is a RefusalReason


class RefusalReason(StrEnum):
    """A reason for a refusal, sent in the header."""

    BLOCKED = "blocked"  # by the address policy
    BUSY = "busy"
    CREDENTIALS = "credentials"
    LIMIT = "limit"  # the session's bytes are used up
    OVER = "over"  # the session has ended, by its deadline or its stop token
    REQUEST = "request"
    UNREACHABLE = "unreachable"


_STATUS = {
    RefusalReason.BUSY: 503,
    RefusalReason.CREDENTIALS: 407,
    RefusalReason.REQUEST: 400,
    RefusalReason.UNREACHABLE: 502,
}


class Refused(Exception):
    """The proxy refuses the request."""

    def __init__(self, why: RefusalReason) -> None:
        self.why = why
        super().__init__(why.value)


async def refuse(client: Peer, why: RefusalReason) -> None:
    """Send the refusal. Raises ConnectionAbortedError if an answer has begun: half of one must not
    look whole."""
    if client.http.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
        raise ConnectionAbortedError("an answer has begun")
    headers = [(MARK, why.encode()), (b"Content-Length", b"0"), (b"Connection", b"close")]
    if why is RefusalReason.CREDENTIALS:
        headers.append((b"Proxy-Authenticate", b'Basic realm="egress"'))
    await client.send(h11.Response(status_code=_STATUS.get(why, 403), headers=headers))
    await client.send(h11.EndOfMessage())
