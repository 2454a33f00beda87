"""The login that stands in a link (``https://user:password@host/``), pasted or of a playlist.

It is kept encrypted, as cookies are. The content is its user's alone, and no payload, page, webhook
or identity has more of the link than the address.
"""

from __future__ import annotations

from typing import Final

from downloads.engine.core.errors import LoginRequired
from downloads.engine.egress.target import parse
from downloads.models import Content, PlaylistEntry
from downloads.network.encryption import EncryptionContext, Unreadable, decrypt, encrypt

_UNREADABLE: Final = (
    "The login of this link cannot be read; the server's secret key may have changed. "
    "Paste the link with its login."
)


def without_login(normalised: str) -> str:
    """Return the link without its login; the same if it has none."""
    return parse(normalised).url


def context_of(row: Content | PlaylistEntry) -> EncryptionContext:
    if isinstance(row, PlaylistEntry):
        return EncryptionContext("login of an entry", (row.pk, row.content_id))
    return EncryptionContext("login in a link", (row.pk, row.credential_owner_id))


def seal(row: Content | PlaylistEntry, normalised: str) -> str:
    """Return the ciphertext of this link for the row; empty for a link without a login."""
    if normalised == without_login(normalised):
        return ""
    return encrypt(normalised, context_of(row))


def link_of(row: Content | PlaylistEntry) -> str:
    """Return the link to fetch, with its login. Raises LoginRequired if that cannot be read."""
    if not row.ciphertext:
        return row.url if isinstance(row, PlaylistEntry) else row.source_url
    try:
        return decrypt(row.ciphertext, context_of(row))
    except Unreadable:
        raise LoginRequired("the login of the link", message=_UNREADABLE) from None
