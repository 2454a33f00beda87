"""API tokens: how many one user may have."""

from __future__ import annotations

from typing import Final

from django.db import transaction
from django.db.models.functions import Now
from knox.models import get_token_model

from accounts.models import User

MOST_TOKENS: Final = 100  # of one user


@transaction.atomic
def make_room(user: User) -> None:
    """End the user's expired tokens; if there are still too many for another one, also the oldest
    that would expire some day. A script that signs in at each run leaves one behind each time."""
    User.objects.select_for_update().get(pk=user.pk)
    own = get_token_model().objects.filter(user=user)
    own.filter(expiry__lte=Now()).delete()
    surplus = own.count() - MOST_TOKENS + 1
    if surplus > 0:
        oldest = own.exclude(expiry=None).order_by("created").values_list("pk", flat=True)
        own.filter(pk__in=list(oldest[:surplus])).delete()


def has_room(user: User) -> bool:
    return bool(get_token_model().objects.filter(user=user).count() < MOST_TOKENS)
