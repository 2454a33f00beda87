"""The signed links, and a bare door to ``serve`` for the tests."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponseBase
from django.urls import include, path

from downloads.delivery.responses import serve
from downloads.models import Download


def file(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    download = Download.objects.with_status().get(pk=pk)
    return serve(request, download, inline="inline" in request.GET)


urlpatterns = [path("file/<uuid:pk>", file), path("", include("downloads.api.link_urls"))]
