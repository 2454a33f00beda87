from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from downloads import services
from downloads.admin.read_only import Timeline
from downloads.engine.core.errors import DownloadError
from downloads.engine.core.humanize import shortened, size_in_words
from downloads.models import Download

DONE: Final = {
    "cancel": "cancelled",
    "pause": "paused",
    "resume": "resumed",
    "retry": "queued again",
    "delete": "deleted",
}


class StatusFilter(admin.SimpleListFilter):
    """By the derived status, which is no column."""

    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(status.value, status.value) for status in Download.Status]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(status=self.value()) if self.value() else queryset


def _action(name: str, label: str) -> Callable[..., None]:
    """An action of the list: the owner's own, on each selected download."""

    @admin.action(description=label, permissions=["act"])
    def run(model_admin: DownloadAdmin, request: HttpRequest, selected: QuerySet[Any]) -> None:
        model_admin.act_on(request, selected, name)

    run.__name__ = name
    return run


@admin.register(Download)
class DownloadAdmin(admin.ModelAdmin):
    """Acts as the owner of each download; nothing here writes a mark or a status itself."""

    list_display = ("shown", "user", "quality", "status", "progress", "size", "created_at")
    list_filter = (
        StatusFilter,
        "quality",
        ("user", admin.RelatedOnlyFieldListFilter),
        ("rendition__host", admin.AllValuesFieldListFilter),
    )
    search_fields = ("title", "content__title", "content__source_url", "=id")
    date_hierarchy = "created_at"
    list_per_page = 50
    actions = (
        _action("pause", "Pause selected downloads"),
        _action("resume", "Resume selected downloads"),
        _action("cancel", "Cancel selected downloads"),
        _action("retry", "Retry selected downloads"),
    )
    inlines = (Timeline,)
    fields = (
        "id",
        "shown",
        "source_url",
        "user",
        "quality",
        "status",
        "progress",
        "size",
        "error_code",
        "error",
        "rendition_link",
        "priority",
        "created_at",
        "expires_at",
        "paused_at",
        "cancelled_at",
        "failed_at",
        "expired_at",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return Download.objects.with_status().select_related("user")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_act_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("downloads.change_download"))

    def act_on(self, request: HttpRequest, selected: QuerySet[Any], action: str) -> None:
        """Each on its own: what one download refuses does not keep the others from it."""
        done, refused = 0, []
        for download in selected:
            try:
                services.act(download.user, download.pk, action)
                done += 1
            except (services.InvalidState, DownloadError) as error:
                sentence = getattr(error, "message", str(error))
                refused.append(f"{shortened(str(download.shown_title), 40)}: {sentence}")
            except Download.DoesNotExist:
                continue  # deleted meanwhile
        if done:
            self.message_user(request, f"{done} {DONE[action]}.", messages.SUCCESS)
        for sentence in refused[:10]:
            self.message_user(request, sentence, messages.WARNING)

    def delete_model(self, request: HttpRequest, obj: Download) -> None:
        services.delete(obj.user, obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for download in queryset:
            services.delete(download.user, download.pk)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """The downloads alone: their timelines go with them, and need no right of their own."""
        shown = [self.shown(download) for download in objs]
        return shown, {"downloads": len(shown)}, set(), []

    @admin.display(description="title", ordering="shown_title")
    def shown(self, download: Any) -> str:
        return shortened(download.shown_title or download.content.source_url)

    @admin.display(description="source")
    def source_url(self, download: Download) -> str:
        return download.content.source_url

    @admin.display(ordering="status")
    def status(self, download: Any) -> str:
        return str(download.status)

    @admin.display(ordering="rendition__progress")
    def progress(self, download: Any) -> str:
        percent = 100 if download.status == "completed" else int(download.rendition.progress)
        return f"{percent}%"

    @admin.display(ordering="rendition__size")
    def size(self, download: Download) -> str | None:
        size = download.rendition.size or download.rendition.bytes_total
        return None if size is None else size_in_words(size)

    @admin.display(description="rendition")
    def rendition_link(self, download: Download) -> str:
        url = reverse("admin:downloads_rendition_change", args=[download.rendition_id])
        return format_html('<a href="{}">{}</a>', url, download.rendition)
