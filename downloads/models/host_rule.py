"""The admin's rules for a source host: headers, a proxy, and the limit of concurrent downloads."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models.functions import Now


class HostRule(models.Model):
    """A rule for one host pattern. Headers and proxy may hold credentials, so they are encrypted
    (``downloads.network.encryption``)."""

    host = models.CharField(
        max_length=255,
        unique=True,
        help_text="example.com for that host alone, *.example.com for every host below it.",
    )
    ciphertext = models.TextField(blank=True, editable=False)
    header_names = models.JSONField(default=list, editable=False, help_text="For display.")
    proxy_host = models.CharField(max_length=255, blank=True, editable=False)
    concurrency = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="Simultaneous downloads from it. Leave blank for FETCH_HOST_CONCURRENCY.",
    )
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["host"]

    def __str__(self) -> str:
        return self.host
