from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from downloads.models import Transition


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that only the machine writes. They go with what they belong to, never alone."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        match = request.resolver_match
        own_page = f"{self.opts.app_label}_{self.opts.model_name}_"
        is_here = match is None or (match.url_name or "").startswith(own_page)
        return not is_here and super().has_delete_permission(request, obj)


class Timeline(admin.TabularInline):
    model = Transition
    verbose_name_plural = "timeline"
    fields = readonly_fields = (
        "at",
        "event",
        "from_status",
        "to_status",
        "attempt",
        "worker",
        "error_code",
        "reason",
    )
    extra = 0
    can_delete = False
    show_change_link = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
