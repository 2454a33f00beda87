"""A new SECRET_KEY: what was encrypted under an old one is encrypted again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction

from downloads.models import Content, HostRule, SiteCookies, Webhook
from downloads.network import credentials, host_rules, source_login
from downloads.network.encryption import EncryptionContext, Unreadable, decrypt, encrypt
from downloads.network.installation_key import keep_fingerprint
from downloads.webhooks import signing

# Every table with ciphertext, with what that is bound to in each row.
ENCRYPTED: Final[Mapping[Any, Callable[[Any], EncryptionContext]]] = {
    SiteCookies: credentials.context_of,
    HostRule: host_rules.context_of,
    Webhook: signing.context_of,
    Content: source_login.context_of,
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
    for model, context_of in ENCRYPTED.items():
        for row in model.objects.exclude(ciphertext="").select_for_update():
            try:
                secret = decrypt(row.ciphertext, context_of(row))
            except Unreadable:
                unreadable += 1
                continue
            ciphertext = encrypt(secret, context_of(row))
            model.objects.filter(pk=row.pk).update(ciphertext=ciphertext)
            rotated += 1
    keep_fingerprint()
    return KeyRotation(rotated, unreadable)
