"""The cookies that a user keeps for a site, so that content behind their login can be fetched."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class SiteCookies(models.Model):
    """One user's cookies of one site, encrypted (``downloads.network.encryption``).

    They are used for this user's own fetches alone. Values leave this row for a client or the jail,
    and for nothing else: no page, payload, log or admin shows them.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="site_cookies"
    )
    site = models.CharField(
        max_length=253, help_text="Its cookies go to this host and those below."
    )
    ciphertext = models.TextField(editable=False)
    count = models.PositiveIntegerField(default=0)
    names = models.JSONField(default=list, help_text="For display, in the order they came.")
    expires_at = models.DateTimeField(
        null=True, blank=True, help_text="When the login they hold is likely to end."
    )
    refused_at = models.DateTimeField(
        null=True, blank=True, help_text="When the site last required a login in spite of them."
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now())
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "site cookies"
        ordering = ["site"]
        constraints = [models.UniqueConstraint(fields=["user", "site"], name="one_jar_per_site")]

    def __str__(self) -> str:
        return f"{self.site} of {self.user_id}"
