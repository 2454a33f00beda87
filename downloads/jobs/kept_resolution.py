"""The resolution that a rendition keeps while it is fetched, so that resuming asks no one.

Encrypted: the addresses and headers of its streams may hold logins and signatures.
"""

from __future__ import annotations

import json

from pydantic import TypeAdapter, ValidationError

from downloads.engine.egress.headers import without_cookies
from downloads.engine.resolver.base import Resolution
from downloads.models import Rendition
from downloads.network.encryption import EncryptionContext, Unreadable, decrypt, encrypt

_KEPT = TypeAdapter(Resolution)


def context_of(rendition: Rendition) -> EncryptionContext:
    return EncryptionContext("resolution", (rendition.pk,))


def seal(rendition: Rendition, found: Resolution) -> str:
    """Return the ciphertext for the row. The rest of the offer is left out: it is of no use any
    more, and may be long."""
    kept = Resolution(found.source.facts, found.selection)
    text = json.dumps(without_cookies(_KEPT.dump_python(kept, mode="json")))
    return encrypt(text, context_of(rendition))


def kept_resolution(rendition: Rendition) -> Resolution | None:
    """Return the resolution of an earlier attempt that also left bytes to resume from.

    The engines pin the version by validators and keys; a changed source is begun again, so no
    request is sent here. None if there is none, or it cannot be read: the source is asked again.
    """
    if not rendition.checkpoint or not rendition.resolution:
        return None
    try:
        return _KEPT.validate_json(decrypt(rendition.resolution, context_of(rendition)))
    except (Unreadable, ValidationError):
        return None
