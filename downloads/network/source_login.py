"""The login that stands in a pasted link (``https://user:password@host/``).

It is kept encrypted, as cookies are. The content is its user's alone, and no payload, page, webhook
or identity has more of the link than the address.
"""

from __future__ import annotations

from typing import Final

from downloads.engine.core.errors import LoginRequired
from downloads.engine.egress.target import parse
from downloads.models import Content
from downloads.network.encryption import Unreadable, decrypt, encrypt

PURPOSE: Final = "login in a link"
_UNREADABLE: Final = "The server's secret key has changed. Paste the link with its login again."


def split(normalised: str) -> tuple[str, str]:
    """Return the link without its login, and the ciphertext of the whole; empty without a login."""
    plain = parse(normalised).url
    return plain, "" if plain == normalised else encrypt(normalised, PURPOSE)


def link_of(content: Content) -> str:
    """Return the link to fetch, with its login. Raises LoginRequired if that cannot be read."""
    if not content.ciphertext:
        return content.source_url
    try:
        return decrypt(content.ciphertext, PURPOSE)
    except Unreadable:
        raise LoginRequired("the login of the link", message=_UNREADABLE) from None
