"""``/doctor/``, for staff: what ``manage.py doctor`` says, seen from the web process."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from downloads.doctor.examination import examine
from downloads.doctor.finding import Finding
from downloads.doctor.public_address import Echo, opens
from downloads.web.staff import for_staff

ORDER: Final = ("fail", "warn", "ok")  # the worst first


@never_cache
@for_staff
@require_http_methods(["GET", "HEAD", "POST"])
def doctor(request: HttpRequest) -> HttpResponse:
    """Render the page; after a POST with findings. They come on demand: the disk is written to."""
    findings = sorted(examine(), key=_rank) if request.method == "POST" else None
    return render(
        request, "doctor/page.html", {"findings": findings, "summary": _summary(findings)}
    )


@never_cache
@require_GET
def echo(request: HttpRequest) -> HttpResponse:
    """Return a request as it arrived, to staff and to those with a fresh token."""
    user = getattr(request, "user", None)
    if not (opens(request.GET.get("token", "")) or getattr(user, "is_staff", False)):
        raise PermissionDenied
    found = Echo(
        scheme=request.scheme or "",
        host=request.get_host(),
        client=str(request.META.get("REMOTE_ADDR") or ""),
        forwarded_for=request.headers.get("X-Forwarded-For", ""),
        forwarded_proto=request.headers.get("X-Forwarded-Proto", ""),
    )
    return JsonResponse(asdict(found))


def _rank(finding: Finding) -> int:
    return ORDER.index(finding.state)


def _summary(findings: list[Finding] | None) -> str:
    """Return the counts in words."""
    if findings is None:
        return ""
    counts = {state: sum(each.state == state for each in findings) for state in ORDER}
    words = {"fail": "problem", "warn": "warning", "ok": "OK"}
    told = [
        f"{count} {words[state]}{'s' if count > 1 and state != 'ok' else ''}"
        for state, count in counts.items()
        if count
    ]
    return ", ".join(told)
