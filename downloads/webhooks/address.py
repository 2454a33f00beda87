"""Rules for a webhook's address. The addresses of its name are judged at each attempt."""

from __future__ import annotations

import ipaddress
import re
import socket
from typing import Final

from downloads.engine.core.errors import BlockedAddress, DownloadError, UnsupportedURL
from downloads.engine.egress.policy import AddressPolicy
from downloads.engine.egress.target import parse

LONGEST: Final = 2000  # characters
# Typed once, for machines: text that an address bar would correct is refused here.
_WHOLE: Final = re.compile(r"https?://[^\s/\\][^\s\\]*", re.IGNORECASE)
NO_ADDRESS: Final = (
    "Enter a whole http or https link without spaces, of at most "
    f"{LONGEST} characters, like https://example.com/hooks/ferry."
)
NO_LOGIN: Final = (
    "Leave the name and password out of the address: the signature proves who sent a message."
)
BLOCKED: Final = "Private addresses and Ferry's own are blocked. Ask your administrator."


def checked(url: str, policy: AddressPolicy) -> str:
    """Return the normalised address. Raises UnsupportedURL, and BlockedAddress if the host is
    written as an address that is not allowed."""
    if len(url) > LONGEST or _WHOLE.fullmatch(url) is None:
        raise UnsupportedURL(message=NO_ADDRESS)
    try:
        target = parse(url)
    except BlockedAddress:
        raise BlockedAddress(message=BLOCKED) from None
    except DownloadError:
        raise UnsupportedURL(message=NO_ADDRESS) from None
    if target.credentials is not None:
        raise UnsupportedURL(message=NO_LOGIN)
    literal = _literal(target.host)
    if literal is not None and policy.refusal(literal, target.port):
        raise BlockedAddress(message=BLOCKED)
    return target.url


def _literal(host: str) -> str | None:
    """Return the address that this host is by its spelling alone; None for a name."""
    if host == "localhost" or host.endswith(".localhost"):  # RFC 6761
        return "127.0.0.1"
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(host))  # 2130706433, 0x7f.1
    except OSError:
        return None
