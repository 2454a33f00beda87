from __future__ import annotations

from typing import Any

from django import template

from accounts.models import User
from downloads.engine.core import humanize
from downloads.jobs.admission import storage_used
from downloads.models import Download

register = template.Library()


@register.inclusion_tag("downloads/_storage.html")
def storage_meter(user: User) -> dict[str, Any]:
    """Return the context of a user's storage meter: used and quota as text, percent."""
    used, quota = storage_used(Download.objects.of(user)), user.quota
    return {
        "used": humanize.size_in_words(used),
        "quota": None if quota is None else humanize.size_in_words(quota),
        "percent": min(100, used * 100 // quota if quota else 100),
    }
