"""Signatures by Standard Webhooks (standardwebhooks.com). Pure, but for random bytes."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING, Final

from downloads.network.encryption import EncryptionContext

if TYPE_CHECKING:
    from downloads.models import Webhook

PREFIX: Final = "whsec_"
MADE: Final = 32  # random bytes
SHORTEST, LONGEST = 24, 64  # bytes

NO_SECRET: Final = (
    f"Enter {PREFIX} and the Base64 of {SHORTEST} to {LONGEST} random bytes, "
    "or leave the secret out to get one generated."
)


def context_of(webhook: Webhook) -> EncryptionContext:
    return EncryptionContext("webhook", (webhook.pk, webhook.user_id))


def make_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(MADE)).decode("ascii")


def key_of(secret: str) -> bytes:
    """Return the key of a secret. Raises ValueError with a sentence for a person."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(NO_SECRET) from None
    if not secret.startswith(PREFIX) or not SHORTEST <= len(key) <= LONGEST:
        raise ValueError(NO_SECRET)
    return key


def signature(secret: str, message_id: str, timestamp: int, body: str) -> str:
    signed = f"{message_id}.{timestamp}.{body}".encode()
    digest = hmac.new(key_of(secret), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode('ascii')}"


def headers(secret: str, message_id: str, timestamp: int, body: str) -> tuple[tuple[str, str], ...]:
    """Return the signed headers. ``timestamp``: the time of this attempt, in Unix time."""
    return (
        ("webhook-id", message_id),
        ("webhook-timestamp", str(timestamp)),
        ("webhook-signature", signature(secret, message_id, timestamp, body)),
    )
