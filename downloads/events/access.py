"""The ends of a user's rights: each has their open sockets check at once if they may stay."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.db.models.signals import post_delete
from django.dispatch import receiver
from knox.models import get_token_model

from accounts.models import User
from accounts.signals import access_changed
from downloads.events.announce import announce_access


@receiver(user_logged_out)
def session_ended(user: Any, **_: object) -> None:
    if user is not None:
        announce_access(user.pk)


@receiver(access_changed)
def access_ended(user_id: int, **_: object) -> None:
    announce_access(user_id)


@receiver(post_delete, sender=get_token_model())
def token_ended(instance: Any, **_: object) -> None:
    announce_access(instance.user_id)


@receiver(post_delete, sender=User)
def user_deleted(instance: User, **_: object) -> None:
    announce_access(instance.pk)
