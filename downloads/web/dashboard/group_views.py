"""The buttons of a group, for pages without JavaScript."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from accounts.models import User
from downloads import services
from downloads.engine.core.humanize import shortened
from downloads.models import DownloadGroup
from downloads.web.dashboard.outcomes import DONE
from downloads.web.redirects import SeeOther, back_to


@login_required
@require_POST
def act_on_group(request: HttpRequest, pk: uuid.UUID, action: str) -> HttpResponse:
    assert isinstance(request.user, User)  # login_required
    back = back_to(request)
    try:
        group = DownloadGroup.objects.get(pk=pk, user=request.user)
        refused = _act(request.user, pk, action)
    except DownloadGroup.DoesNotExist:
        raise Http404 from None
    for error in refused[:1]:
        messages.error(request, str(error))
    if not refused:
        message = format_html("{}: <bdi>{}</bdi>", DONE[action], shortened(group.title))
        messages.success(request, message)
    return SeeOther(back)


def _act(user: User, pk: uuid.UUID, action: str) -> list[str]:
    """Apply the action; return the messages of those refused."""
    if action == "delete":
        services.delete_group(user, pk)
        return []
    acted = services.act_on_group(user, pk, action)
    return [one.message for one in acted if one.message]
