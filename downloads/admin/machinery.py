"""Tables that Ferry itself writes, read-only."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from downloads.admin.read_only import ReadOnlyAdmin, Timeline
from downloads.engine.core.humanize import shortened, speed_in_words
from downloads.models import Rendition, Transition, Worker

# of a rendition; these may hold addresses with signatures in them, or rights to write
NEVER_SHOWN: Final = ("resolution", "checkpoint", "lease_token")


@admin.register(Rendition)
class RenditionAdmin(ReadOnlyAdmin):
    list_display = ("content", "quality", "status", "percent", "rate", "host", "worker", "holders")
    list_filter = ("status", "quality", ("host", admin.AllValuesFieldListFilter), "error_code")
    search_fields = ("content__title", "content__source_url", "storage_name", "=id", "sha256")
    list_select_related = ("content", "worker")
    list_per_page = 50
    inlines = (Timeline,)
    exclude = NEVER_SHOWN

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(held_by=Count("downloads"))

    @admin.display(description="progress", ordering="progress")
    def percent(self, rendition: Rendition) -> str:
        return f"{100 if rendition.status == 'stored' else int(rendition.progress)}%"

    @admin.display(description="speed", ordering="speed")
    def rate(self, rendition: Rendition) -> str | None:
        return speed_in_words(rendition.speed) if rendition.speed else None

    @admin.display(description="downloads", ordering="held_by")
    def holders(self, rendition: Any) -> int:
        return int(rendition.held_by)


@admin.register(Transition)
class TransitionAdmin(ReadOnlyAdmin):
    list_display = ("at", "event", "from_status", "to_status", "subject", "worker", "reason")
    list_filter = ("event", "to_status", "error_code")
    search_fields = ("=rendition__id", "=download__id", "worker", "reason")
    list_select_related = ("rendition__content", "download__content")
    ordering = ("-id",)
    show_full_result_count = False

    @admin.display
    def subject(self, transition: Transition) -> str:
        return shortened(str(_owner(transition).content))


def _owner(transition: Transition) -> Any:
    return transition.rendition or transition.download


@admin.register(Worker)
class WorkerAdmin(ReadOnlyAdmin):
    list_display = (
        "__str__",
        "version",
        "concurrency",
        "busy",
        "stopping",
        "started_at",
        "heartbeat_at",
    )
    list_filter = ("stopping",)
    search_fields = ("hostname",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(running=Count("renditions"))

    @admin.display(ordering="running")
    def busy(self, worker: Any) -> int:
        return int(worker.running)
