"""Included at the root. Public: the worker fetches the samples as it fetches any other."""

from __future__ import annotations

from django.urls import path

from downloads.sample.views import sample

urlpatterns = [path("sample/<path:name>", sample, name="sample")]
