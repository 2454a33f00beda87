"""A new SECRET_KEY: what was encrypted under an old one is encrypted again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction

from downloads.models import Content, HostRule, SiteCookies, Webhook
from downloads.network import credentials, host_rules, source_login
from downloads.network.encryption import Unreadable, decrypt, encrypt
from downloads.network.installation_key import keep_fingerprint
from downloads.webhooks import signing

# Every column of ciphertext, with what it was encrypted for.
ENCRYPTED: Final[tuple[tuple[Any, str], ...]] = (
    (SiteCookies, credentials.PURPOSE),
    (HostRule, host_rules.PURPOSE),
    (Webhook, signing.PURPOSE),
    (Content, source_login.PURPOSE),
)


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
    for model, purpose in ENCRYPTED:
        for row in model.objects.exclude(ciphertext="").select_for_update():
            try:
                secret = decrypt(row.ciphertext, purpose)
            except Unreadable:
                unreadable += 1
                continue
            model.objects.filter(pk=row.pk).update(ciphertext=encrypt(secret, purpose))
            rotated += 1
    keep_fingerprint()
    return KeyRotation(rotated, unreadable)
