"""``/queue/``, for staff: the queue, and actions on behalf of the waiting users."""

from __future__ import annotations

import uuid
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from downloads import services
from downloads.engine.core.errors import DownloadError
from downloads.engine.core.humanize import shortened
from downloads.models import Download, QueueEntry
from downloads.web.health.strip import state_for, strip_of
from downloads.web.queue.state import queue_state
from downloads.web.redirects import SeeOther
from downloads.web.staff import for_staff

HIGHEST: Final = 32_767  # the column's maximum
MAY_ACT: Final = "downloads.change_download"  # as in the admin
DONE: Final = {"pause": "Paused", "cancel": "Cancelled", "first": "Moved up"}


@never_cache
@for_staff
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    return render(request, "queue/page.html", _context(request))


@never_cache
@for_staff
@require_GET
def queue_live(request: HttpRequest) -> HttpResponse:
    """Render only the part of the page that updates live."""
    return render(request, "queue/_live.html", _context(request))


def _context(request: HttpRequest) -> dict[str, Any]:
    assert isinstance(request.user, User)  # for_staff
    queue = queue_state()
    return {
        "queue": queue,
        "strip": strip_of(state_for(request.user, queue.activity)),
        "may_act": request.user.has_perm(MAY_ACT),
        "here": reverse("downloads:queue"),
    }


@for_staff
@require_POST
def act_in_queue(request: HttpRequest, pk: uuid.UUID, action: str) -> HttpResponse:
    """Apply the action to each active download of rendition ``pk``, as its owner would."""
    if not request.user.has_perm(MAY_ACT):
        raise PermissionDenied
    claims = list(Download.objects.filter(rendition=pk).wanting().with_status())
    if not claims:
        raise Http404
    done = [claim for claim in claims if _acted(request, claim, action)]
    if done:
        title = shortened(done[0].shown_title or done[0].content.source_url)
        messages.success(request, format_html("{}: <bdi>{}</bdi>", DONE[action], title))
    return SeeOther(reverse("downloads:queue"))


def _acted(request: HttpRequest, claim: Any, action: str) -> bool:
    try:
        if action == "first":
            services.set_priority(claim.user, claim.pk, _above_all(claim))
        else:
            services.act(claim.user, claim.pk, action)
    except Download.DoesNotExist:
        return False  # deleted meanwhile
    except services.InvalidState as error:
        messages.warning(request, str(error))
        return False
    except DownloadError as error:
        messages.warning(request, error.message)
        return False
    return True


def _above_all(claim: Download) -> int:
    """Return a priority above all waiting ones. Users with fewer running still go first."""
    waiting = QueueEntry.objects.exclude(pk=claim.pk)
    highest = waiting.aggregate(highest=Max("priority"))["highest"]
    return claim.priority if highest is None else min(max(highest + 1, claim.priority), HIGHEST)
