"""The values that columns may have, from the words that all layers share."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from downloads.engine.core.media import Phase, Quality

QUALITY_CHOICES = [(quality.value, quality.value) for quality in Quality]
PHASE_CHOICES = [(phase.value, phase.value) for phase in Phase]


def owner_of_credentials() -> models.ForeignKey[Any, Any]:
    """Whose cookies it was, or is to be, fetched with: his alone. Null: anybody's.

    It outlives the account, and so the row never becomes anybody's: its file is swept as any
    that nobody holds. Compare ``credential_owner_id``; the user may be gone.
    """
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
    )


def requested_options() -> models.CharField[Any, Any]:
    """The key of a ``downloads.engine.core.options.Options``; empty for no wish."""
    return models.CharField(max_length=512, blank=True, default="", editable=False)
