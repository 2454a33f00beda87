"""The fingerprint of SECRET_KEY in the database: all hosts of one installation have the same key.

Another key would sign out every user, end every link, and make kept cookies unreadable, without a
word. The fingerprint is derived as the keys are, and tells nothing about them.
"""

from __future__ import annotations

import logging

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import DatabaseError, connection

from config.start_error import StartError
from downloads.models import InstallationFact

log = logging.getLogger(__name__)

NAME = "secret_key"


def check_key() -> None:
    """Raise StartError if this database was set up with another SECRET_KEY.

    The first start writes the fingerprint. Nothing is checked while the database is unavailable.
    """
    known = [fingerprint(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    try:
        fact, _ = InstallationFact.objects.get_or_create(name=NAME, defaults={"value": known[0]})
    except DatabaseError as error:
        log.warning("database unavailable, key not checked error=%s", type(error).__name__)
        return
    finally:
        if not connection.in_atomic_block:
            connection.close()  # of the main thread, which asks nothing more
    if fact.value not in known:
        raise StartError(
            "SECRET_KEY is not the one that this database was set up with. Set the same SECRET_KEY "
            "on every host (`up` keeps it in DATA_DIR/secret_key). To change it, set the old one "
            "as SECRET_KEY_FALLBACKS and run: manage.py rotate_key"
        )


def keep_fingerprint() -> None:
    """Make SECRET_KEY the key of this installation."""
    value = fingerprint(settings.SECRET_KEY)
    InstallationFact.objects.update_or_create(name=NAME, defaults={"value": value})


def fingerprint(key: str) -> str:
    """Return what tells this key from others, in hex."""
    derive = HKDF(algorithm=SHA256(), length=16, salt=None, info=b"ferry fingerprint")
    return derive.derive(key.encode()).hex()
