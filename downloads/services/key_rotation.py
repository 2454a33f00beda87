"""A new SECRET_KEY: what was encrypted under an old one is encrypted again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction

from downloads.jobs import kept_resolution
from downloads.models import Content, HostRule, PlaylistEntry, Rendition, SiteCookies, Webhook
from downloads.network import credentials, host_rules, source_login
from downloads.network.encryption import EncryptionContext, Unreadable, decrypt, encrypt
from downloads.network.installation_key import keep_fingerprint
from downloads.webhooks import signing

# Every column of ciphertext, with what that is bound to in each row.
ENCRYPTED: Final[Mapping[tuple[Any, str], Callable[[Any], EncryptionContext]]] = {
    (SiteCookies, "ciphertext"): credentials.context_of,
    (HostRule, "ciphertext"): host_rules.context_of,
    (Webhook, "ciphertext"): signing.context_of,
    (Content, "ciphertext"): source_login.context_of,
    (PlaylistEntry, "ciphertext"): source_login.context_of,
    (Rendition, "resolution"): kept_resolution.context_of,
}


@dataclass(frozen=True, slots=True)
class KeyRotation:
    """``rotated``: secrets that are encrypted under the new key now; ``unreadable``: those that
    none of the keys opens, which must be entered again."""

    rotated: int
    unreadable: int


@transaction.atomic
def rotate_key() -> KeyRotation:
    """Encrypt all secrets under SECRET_KEY. May be repeated."""
    rotated = unreadable = 0
    for (model, column), context_of in ENCRYPTED.items():
        for row in model.objects.exclude(**{column: ""}).select_for_update():
            try:
                secret = decrypt(getattr(row, column), context_of(row))
            except Unreadable:
                # a resolution is not entered: its source is asked again
                unreadable += model is not Rendition
                continue
            ciphertext = encrypt(secret, context_of(row))
            model.objects.filter(pk=row.pk).update(**{column: ciphertext})
            rotated += 1
    keep_fingerprint()
    return KeyRotation(rotated, unreadable)
