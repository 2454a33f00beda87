"""For staff: see everything, act through the services that the owners' own buttons use."""

from django.contrib import admin

from downloads.admin.content import ContentAdmin
from downloads.admin.downloads import DownloadAdmin
from downloads.admin.machinery import RenditionAdmin, TransitionAdmin, WorkerAdmin
from downloads.admin.secrets import HostRuleAdmin, SiteCookiesAdmin
from downloads.admin.webhooks import WebhookAdmin, WebhookDeliveryAdmin

__all__ = [
    "ContentAdmin",
    "DownloadAdmin",
    "HostRuleAdmin",
    "RenditionAdmin",
    "SiteCookiesAdmin",
    "TransitionAdmin",
    "WebhookAdmin",
    "WebhookDeliveryAdmin",
    "WorkerAdmin",
]

admin.site.site_header = "Ferry"
admin.site.site_title = "Ferry"
admin.site.index_title = "Administration"
