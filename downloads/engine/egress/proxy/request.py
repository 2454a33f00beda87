"""A proxy request, parsed. Pure; strict, for the parsed request is the one that is judged."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import h11

from downloads.engine.core.errors import DownloadError
from downloads.engine.egress.proxy.refusal import MARK, RefusalReason, Refused
from downloads.engine.egress.rules import NO_RULE, RequestRule
from downloads.engine.egress.target import Target, parse
from downloads.engine.egress.upstream import authorization as authorization_for

Headers = list[tuple[bytes, bytes]]

_METHODS = (b"GET", b"HEAD", b"POST")
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\[\]:/?#@\s]+):[0-9]{1,5}")
# RFC 9110, section 7.6.1, and what is between the client and this proxy alone.
_HOP_BY_HOP = frozenset(
    {b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization",
     b"proxy-connection", b"te", b"trailer", b"upgrade", b"http2-settings", b"expect"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ProxyRequest:
    """A parsed request. ``target.path`` has no meaning if ``tunnel`` is true."""

    target: Target
    tunnel: bool


def read_request(request: h11.Request) -> ProxyRequest:
    """Parse a request. Raises Refused."""
    names = {name for name, _ in request.headers}
    if {b"content-length", b"transfer-encoding"} <= names:
        raise Refused(RefusalReason.REQUEST)  # the classic of request smuggling
    tunnel = request.method == b"CONNECT"
    if not tunnel and request.method not in _METHODS:
        raise Refused(RefusalReason.REQUEST)
    try:
        text = request.target.decode("ascii")
        if tunnel:
            if not _AUTHORITY.fullmatch(text):
                raise Refused(RefusalReason.REQUEST)
            text = f"https://{text}/"
        target = parse(text)
    except (UnicodeDecodeError, DownloadError):
        raise Refused(RefusalReason.REQUEST) from None
    if target.scheme != ("https" if tunnel else "http") or target.credentials:
        raise Refused(RefusalReason.REQUEST)
    return ProxyRequest(target, tunnel)


def authorization(request: h11.Request) -> bytes:
    """Return the value of Proxy-Authorization; empty if there is none, or more than one."""
    values = [value for name, value in request.headers if name == b"proxy-authorization"]
    return values[0] if len(values) == 1 else b""


def request_headers(request: h11.Request, target: Target, rule: RequestRule = NO_RULE) -> Headers:
    """Return the headers for the source: the Host that was judged, one request a connection, and
    those of the host's rule in place of the client's."""
    added = [(name.encode(), value.encode("latin-1")) for name, value in rule.headers]
    dropped = {b"host"} | {name.lower() for name, _ in added}
    kept = [pair for pair in end_to_end(request.headers) if pair[0] not in dropped]
    if rule.proxy is not None:
        added += [(name.encode(), value.encode()) for name, value in authorization_for(rule.proxy)]
    return [(b"Host", target.authority.encode()), *kept, *added, (b"Connection", b"close")]


def end_to_end(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Return the headers without those of one hop, those that Connection names, and the mark of the
    proxy."""
    headers = list(headers)
    named = {
        token.strip().lower()
        for name, value in headers
        if name.lower() == b"connection"
        for token in value.split(b",")
    } - {b"content-length", b"transfer-encoding", b"host"}
    dropped = _HOP_BY_HOP | named | {MARK.lower()}
    return [(name, value) for name, value in headers if name.lower() not in dropped]
