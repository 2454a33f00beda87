"""The first account of a fresh installation."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction


@dataclass(frozen=True, slots=True)
class FirstAdmin:
    """The account that was created. ``password`` is None if the operator chose it."""

    username: str
    password: str | None


def create_first_admin() -> FirstAdmin | None:
    """Create a superuser if no user exists at all; None if one does, or another host was first."""
    users = get_user_model()._default_manager
    if users.exists():
        return None
    chosen = settings.DJANGO_SUPERUSER_PASSWORD
    password = chosen or secrets.token_urlsafe(12)
    username = settings.DJANGO_SUPERUSER_USERNAME
    try:
        with transaction.atomic():
            users.create_superuser(
                username=username, email=settings.DJANGO_SUPERUSER_EMAIL, password=password
            )
    except IntegrityError:
        return None
    return FirstAdmin(username, None if chosen else password)
