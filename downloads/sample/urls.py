"""Routes of the samples, included at the root. Public: the worker fetches them as any URL."""

from __future__ import annotations

from django.urls import path

from downloads.sample.views import sample

urlpatterns = [path("sample/<path:name>", sample, name="sample")]
