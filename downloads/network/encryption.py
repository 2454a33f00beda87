"""Encryption of secrets at rest, with a key derived from SECRET_KEY.

Text encrypted under a key of SECRET_KEY_FALLBACKS can still be read. Not covered: access to the
process's environment or memory gives access to the secrets too.
"""

from __future__ import annotations

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Unreadable(Exception):
    """SECRET_KEY has changed since, or the text is damaged: the secret must be entered again."""


def encrypt(text: str, purpose: str) -> str:
    """Encrypt ``text``; it can be decrypted for the same ``purpose`` alone."""
    return _fernet(purpose).encrypt(text.encode()).decode("ascii")


def decrypt(ciphertext: str, purpose: str) -> str:
    """Return the text that was encrypted for ``purpose``. Raises Unreadable."""
    try:
        return _fernet(purpose).decrypt(ciphertext.encode()).decode()
    except InvalidToken:
        raise Unreadable from None


def _fernet(purpose: str) -> MultiFernet:
    return _derived((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS), purpose)


@lru_cache(maxsize=8)
def _derived(secrets: tuple[str, ...], purpose: str) -> MultiFernet:
    # an empty one is no key: a command that runs without SECRET_KEY fails here
    return MultiFernet([Fernet(_key(secret, purpose)) for secret in secrets if secret])


def _key(secret: str, purpose: str) -> bytes:
    """Derive by HKDF (RFC 5869); no salt, since SECRET_KEY is random and of one installation."""
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"ferry {purpose}".encode())
    return base64.urlsafe_b64encode(derive.derive(secret.encode()))
