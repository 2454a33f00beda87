from __future__ import annotations

from typing import Any

from django import template

from downloads.web.health.strip import state_for, strip_of

register = template.Library()


@register.inclusion_tag("_health.html", takes_context=True)
def health_strip(context: template.RequestContext) -> dict[str, Any]:
    """One thin line where all is well; nothing for those who are not signed in."""
    user = context.get("user")
    if user is None or not user.is_authenticated:
        return {"strip": None}
    return {"strip": strip_of(state_for(user)), "is_staff": user.is_staff}
