"""The view of the health strip alone, for pages that refresh it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.models import User
from downloads.web.health.strip import state_for, strip_of


@never_cache
@login_required
@require_GET
def health(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, User)  # login_required
    context = {"strip": strip_of(state_for(request.user)), "is_staff": request.user.is_staff}
    return render(request, "_health_line.html", context)
