from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models, transaction
from django.db.models.functions import Now

from accounts.signals import access_changed


class User(AbstractUser):
    """A user. The two limits override the server's defaults if they are set."""

    max_active = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Simultaneous downloads. Leave blank for USER_MAX_ACTIVE."
    )
    storage_quota = models.BigIntegerField(
        null=True, blank=True, help_text="In bytes. Leave blank for USER_STORAGE_QUOTA."
    )

    keeps_tokens = False  # at the next save of a new password

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save. A new password, wherever it is set, ends the tokens that the old one made."""
        from knox.models import get_token_model  # needs the model of users

        password: str | None = getattr(self, "_password", None)  # as set_password left it
        has_new_password = password is not None and not self._state.adding
        with transaction.atomic():
            super().save(*args, **kwargs)
            if has_new_password and not self.keeps_tokens:
                get_token_model().objects.filter(user=self).delete()
        if has_new_password or not self.is_active:
            access_changed.send(User, user_id=self.pk)

    @property
    def active_limit(self) -> int:
        return settings.USER_MAX_ACTIVE if self.max_active is None else self.max_active

    @property
    def quota(self) -> int | None:
        """Return the bytes that this user's downloads may hold together; None: unlimited."""
        return settings.USER_STORAGE_QUOTA if self.storage_quota is None else self.storage_quota


class SignUp(models.Model):
    """An account made by a stranger, kept for an hour: one address makes a few."""

    address = models.GenericIPAddressField()
    created_at = models.DateTimeField(db_default=Now(), db_index=True)

    def __str__(self) -> str:
        return self.address
