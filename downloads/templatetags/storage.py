from __future__ import annotations

from typing import Any

from django import template

from accounts.models import User
from downloads import wording
from downloads.models import Download
from downloads.steps.admission import storage_used

register = template.Library()


@register.inclusion_tag("downloads/_storage.html")
def storage_meter(user: User) -> dict[str, Any]:
    """How much of his quota a user has filled. The account page asks; accounts knows no more."""
    used, quota = storage_used(Download.objects.of(user)), user.quota
    return {
        "used": wording.size_in_words(used),
        "quota": None if quota is None else wording.size_in_words(quota),
        "percent": min(100, used * 100 // quota if quota else 100),
    }
