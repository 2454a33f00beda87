"""Addresses of a site that has one page, which fails."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path


def fails(request: HttpRequest) -> HttpResponse:
    secret = request.GET["sig"]
    return HttpResponse(f"{secret}{1 / 0}")


urlpatterns = [path("fails", fails)]
