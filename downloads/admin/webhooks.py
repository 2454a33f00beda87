"""Webhooks and their deliveries. No page shows secrets or message bodies."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from downloads.admin.read_only import ReadOnlyAdmin
from downloads.models import Webhook, WebhookDelivery
from downloads.webhooks.settle import disable

BY_STAFF = "An administrator disabled it."


@admin.register(Webhook)
class WebhookAdmin(ReadOnlyAdmin):
    list_display = ("address", "user", "state", "failing_since", "created_at")
    list_filter = (("disabled_at", admin.EmptyFieldListFilter),)
    search_fields = ("user__username", "=id")
    list_select_related = ("user",)
    actions = ("disable",)
    fields = (
        "id",
        "user",
        "address",
        "events",
        "description",
        "state",
        "failing_since",
        "disabled_at",
        "disabled_reason",
        "created_at",
    )
    readonly_fields = ("address", "state")

    @admin.display
    def address(self, webhook: Webhook) -> str:
        """Its host alone: of many receivers the path is the secret."""
        return urlsplit(webhook.url)._replace(path="/\u2026", query="").geturl()

    @admin.display
    def state(self, webhook: Webhook) -> str:
        if webhook.disabled_at is not None:
            return "disabled"
        return "ok" if webhook.failing_since is None else "failing"

    @admin.action(description="Disable selected webhooks", permissions=["act"])
    def disable(self, request: HttpRequest, selected: QuerySet[Any]) -> None:
        for webhook in selected:
            disable(webhook.pk, BY_STAFF)
        self.message_user(request, f"{len(selected)} disabled.", messages.SUCCESS)

    def has_act_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("downloads.change_webhook"))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Staff may have to end what a user has left behind."""
        return admin.ModelAdmin.has_delete_permission(self, request, obj)


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "type", "owner", "status", "attempts", "response_status", "error")
    list_filter = ("status", "type")
    search_fields = ("=id", "=webhook__id", "webhook__user__username")
    list_select_related = ("webhook__user",)
    show_full_result_count = False
    exclude = ("body", "response_body")

    @admin.display(ordering="webhook__user")
    def owner(self, delivery: WebhookDelivery) -> str:
        return str(delivery.webhook.user)
