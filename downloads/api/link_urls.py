"""Routes of signed links, included at the root to keep them short."""

from __future__ import annotations

from django.urls import path

from downloads.api.signed_links import signed_link, signed_subtitle

urlpatterns = [
    path("d/<str:token>/", signed_link, name="signed-link"),
    path("d/<str:token>/subtitles/<str:language>/", signed_subtitle, name="signed-subtitle"),
    path("d/<str:token>/<str:filename>", signed_link),
]
