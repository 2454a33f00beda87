"""Every address of the site."""

from __future__ import annotations

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularSwaggerSplitView

from config.server import health
from downloads.api.schema_view import SchemaView

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
    # the admin's own form would let old passwords be guessed
    path("admin/password_change/", RedirectView.as_view(pattern_name="accounts:password")),
    path("admin/", admin.site.urls),
    path("api/schema/", SchemaView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("api/v1/", include("downloads.api.urls")),
    path("accounts/", include("accounts.urls")),
    path("", include("downloads.api.link_urls")),
    path("", include("downloads.sample.urls")),
    path("", include("downloads.urls")),
]

handler400 = "config.server.errors.bad_request"
handler403 = "config.server.errors.permission_denied"
handler404 = "config.server.errors.page_not_found"
handler500 = "config.server.errors.server_error"
