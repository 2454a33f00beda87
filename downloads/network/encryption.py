"""Encryption of secrets at rest, with keys derived from SECRET_KEY.

AES-256-GCM (NIST SP 800-38D) with the row as associated data: a ciphertext that is copied to
another row, or whose row is given to another user, cannot be decrypted. Text encrypted under a key
of SECRET_KEY_FALLBACKS can still be read. Not covered: access to the process's environment or
memory gives access to the secrets too.
"""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

# bytes; random nonces are safe for 2^32 messages of one key (SP 800-38D, 8.3)
_NONCE: Final = 12


class Unreadable(Exception):
    """SECRET_KEY has changed since, or the text is damaged or of another row: the secret must be
    entered again."""


@dataclass(frozen=True, slots=True)
class EncryptionContext:
    """The one row that a ciphertext belongs to: ``purpose``, for its kind, and the values that tell
    the row from all others, with whom its secret is for."""

    purpose: str
    row: tuple[object, ...]

    @property
    def associated_data(self) -> bytes:
        return json.dumps([self.purpose, *map(str, self.row)]).encode()


def encrypt(text: str, context: EncryptionContext) -> str:
    """Encrypt ``text``, in URL-safe Base64; it can be decrypted in the same ``context`` alone."""
    nonce = secrets.token_bytes(_NONCE)
    sealed = _ciphers(context.purpose)[0].encrypt(nonce, text.encode(), context.associated_data)
    return base64.urlsafe_b64encode(nonce + sealed).decode("ascii")


def decrypt(ciphertext: str, context: EncryptionContext) -> str:
    """Return the text that was encrypted in ``context``. Raises Unreadable."""
    try:
        sealed = base64.b64decode(ciphertext, altchars=b"-_", validate=True)
    except ValueError:
        raise Unreadable from None
    for cipher in _ciphers(context.purpose):
        try:
            text = cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], context.associated_data)
        except (InvalidTag, ValueError):  # ValueError: too short for a nonce
            continue
        return text.decode()
    raise Unreadable


def _ciphers(purpose: str) -> tuple[AESGCM, ...]:
    return _derived((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS), purpose)


@lru_cache(maxsize=16)
def _derived(keys: tuple[str, ...], purpose: str) -> tuple[AESGCM, ...]:
    # an empty one is no key: a command that runs without SECRET_KEY fails here
    return tuple(AESGCM(_key(key, purpose)) for key in keys if key)


def _key(secret: str, purpose: str) -> bytes:
    """Derive by HKDF (RFC 5869); no salt, since SECRET_KEY is random and of one installation."""
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"ferry {purpose}".encode())
    return derive.derive(secret.encode())
