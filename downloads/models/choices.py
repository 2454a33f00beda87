"""The allowed values of columns, from the enumerations that all layers share."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from downloads.engine.core.media import Quality
from downloads.engine.core.progress import Phase

QUALITY_CHOICES = [(quality.value, quality.value) for quality in Quality]
PHASE_CHOICES = [(phase.value, phase.value) for phase in Phase]


def owner_of_credentials() -> models.ForeignKey[Any, Any]:
    """Return the column of the user whose cookies fetched it, or will; it is theirs alone. Null:
    shared.

    It outlives the account, and so the row never becomes shared: its file is swept like any without
    a holder. Compare ``credential_owner_id``; the user may be gone.
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
    """Return the column of the key of a ``downloads.engine.core.options.Options``; empty for the
    defaults."""
    return models.CharField(max_length=512, blank=True, default="", editable=False)
