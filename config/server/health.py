"""``/healthz``, ``/readyz``, ``/metrics``: for load balancers and Prometheus."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from prometheus_client import CONTENT_TYPE_LATEST
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from config.server import readiness
from config.server.metrics import exposition
from config.version import VERSION
from downloads.api.authentication import BearerAuthentication
from downloads.api.base import ApiView

SCRAPER: Final = "metrics"


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Return ok: the process answers. Depends on nothing else."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Return ``{"status": "ok"|"degraded"|"down", "version", "checks": {name: {"state",
    "hint"?}}}``; the extractor has a ``version`` too.

    503 only if the database is down: without the others Ferry still takes requests.
    """
    found = readiness.findings()
    status = "ok" if all(finding.state == "up" for finding in found.values()) else "degraded"
    if found["database"].state == "down":
        status = "down"
    checks = {
        name: {key: value for key, value in asdict(finding).items() if value}
        for name, finding in found.items()
    }
    body = {"status": status, "version": VERSION, "checks": checks}
    return JsonResponse(body, status=503 if status == "down" else 200)


class ScraperAuthentication(BaseAuthentication):
    """Authentication by ``Authorization: Bearer <METRICS_TOKEN>``; needs no database."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, str] | None:
        wanted = f"Bearer {settings.METRICS_TOKEN}".encode()
        given = request.headers.get("Authorization", "").encode()
        if settings.METRICS_TOKEN and secrets.compare_digest(given, wanted):
            return AnonymousUser(), SCRAPER
        return None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class StaffOrScraper(BasePermission):
    message = "Only staff may read the metrics. Set METRICS_TOKEN for Prometheus."

    def has_permission(self, request: Request, view: Any) -> bool:
        return request.auth == SCRAPER or bool(getattr(request.user, "is_staff", False))


class MetricsView(ApiView):
    authentication_classes = (ScraperAuthentication, BearerAuthentication, SessionAuthentication)
    permission_classes = (StaffOrScraper,)

    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        return HttpResponse(
            exposition(), content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"}
        )


metrics = MetricsView.as_view()
