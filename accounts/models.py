from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A user. The two limits override the server's defaults if they are set."""

    max_active = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Downloads running at once; empty: USER_MAX_ACTIVE."
    )
    storage_quota = models.BigIntegerField(
        null=True, blank=True, help_text="Bytes; empty: USER_STORAGE_QUOTA."
    )

    @property
    def active_limit(self) -> int:
        return settings.USER_MAX_ACTIVE if self.max_active is None else self.max_active

    @property
    def quota(self) -> int | None:
        """Return the bytes that this user's downloads may hold together; None: unlimited."""
        return settings.USER_STORAGE_QUOTA if self.storage_quota is None else self.storage_quota
