"""The routes of the API, below ``/api/v1/``."""

from __future__ import annotations

from typing import Any

from django.urls import path

from downloads.api.actions import ActionsView, DownloadActionViewSet
from downloads.api.auth import LoginView, LogoutView
from downloads.api.content import ContentViewSet
from downloads.api.cookies import CookiesViewSet
from downloads.api.downloads import DownloadViewSet
from downloads.api.files import FileView, LinkView, SubtitlesView, TimelineView
from downloads.api.groups import GroupViewSet
from downloads.api.playlists import ChooseView, EntriesView, MoreView
from downloads.api.queue import QueueView
from downloads.api.realtime import TicketView
from downloads.api.webhooks import DeliveriesView, RedeliverView, WebhookViewSet

app_name = "api"

ROW: dict[str, Any] = {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}
LIST: dict[str, Any] = {"get": "list", "post": "create"}
GROUP: dict[str, Any] = {"get": "retrieve", "delete": "destroy"}
COOKIES: dict[str, Any] = {"get": "retrieve", "delete": "destroy"}

VERBS = ("cancel", "pause", "resume", "retry")


def _verb(name: str) -> Any:
    actions: dict[str, Any] = {"post": name}
    return DownloadActionViewSet.as_view(actions)


urlpatterns = [
    path("auth/login/", LoginView.as_view(), name="login"),
    path("auth/logout/", LogoutView.as_view(), name="logout"),
    path("downloads/", DownloadViewSet.as_view(LIST), name="downloads"),
    path("downloads/actions/", ActionsView.as_view(), name="actions"),
    path("downloads/<uuid:pk>/", DownloadViewSet.as_view(ROW), name="download"),
    *(path(f"downloads/<uuid:pk>/{verb}/", _verb(verb), name=verb) for verb in VERBS),
    path("downloads/<uuid:pk>/file/", FileView.as_view(), name="file"),
    path(
        "downloads/<uuid:pk>/subtitles/<str:language>/", SubtitlesView.as_view(), name="subtitles"
    ),
    path("downloads/<uuid:pk>/link/", LinkView.as_view(), name="link"),
    path("downloads/<uuid:pk>/events/", TimelineView.as_view(), name="events"),
    path("content/", ContentViewSet.as_view(LIST), name="content-list"),
    path("content/<uuid:pk>/", ContentViewSet.as_view({"get": "retrieve"}), name="content"),
    path("content/<uuid:pk>/entries/", EntriesView.as_view(), name="entries"),
    path("content/<uuid:pk>/more/", MoreView.as_view(), name="more"),
    path("content/<uuid:pk>/downloads/", ChooseView.as_view(), name="choose"),
    path("groups/", GroupViewSet.as_view({"get": "list"}), name="groups"),
    path("groups/<uuid:pk>/", GroupViewSet.as_view(GROUP), name="group"),
    path("groups/<uuid:pk>/actions/", GroupViewSet.as_view({"post": "act"}), name="group-actions"),
    path("cookies/", CookiesViewSet.as_view(LIST), name="cookies-list"),
    path("cookies/<uuid:pk>/", CookiesViewSet.as_view(COOKIES), name="cookies"),
    path("webhooks/", WebhookViewSet.as_view(LIST), name="webhooks"),
    path("webhooks/<uuid:pk>/", WebhookViewSet.as_view(ROW), name="webhook"),
    path("webhooks/<uuid:pk>/deliveries/", DeliveriesView.as_view(), name="deliveries"),
    path(
        "webhooks/<uuid:pk>/deliveries/<uuid:delivery_id>/redeliver/",
        RedeliverView.as_view(),
        name="redeliver",
    ),
    path("queue/", QueueView.as_view(), name="queue"),
    path("realtime/ticket/", TicketView.as_view(), name="ticket"),
]
