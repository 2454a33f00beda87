"""Included at the root. Public: the worker fetches the clip as it fetches any other."""

from __future__ import annotations

from django.urls import path

from downloads.sample.views import sample

urlpatterns = [path("sample/<str:name>", sample, name="sample")]
