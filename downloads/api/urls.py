"""Every address of the API, below ``/api/v1/``."""

from __future__ import annotations

from typing import Any

from django.urls import path

from downloads.api.actions import ActionsView, DownloadActionViewSet
from downloads.api.auth import LoginView, LogoutView
from downloads.api.content import ContentViewSet
from downloads.api.downloads import DownloadViewSet
from downloads.api.files import FileView, LinkView, TimelineView
from downloads.api.queue import QueueView
from downloads.api.realtime import TicketView

app_name = "api"

ROW: dict[str, Any] = {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}
LIST: dict[str, Any] = {"get": "list", "post": "create"}

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
    path("downloads/<uuid:pk>/link/", LinkView.as_view(), name="link"),
    path("downloads/<uuid:pk>/events/", TimelineView.as_view(), name="events"),
    path("content/", ContentViewSet.as_view(LIST), name="content-list"),
    path("content/<uuid:pk>/", ContentViewSet.as_view({"get": "retrieve"}), name="content"),
    path("queue/", QueueView.as_view(), name="queue"),
    path("realtime/ticket/", TicketView.as_view(), name="ticket"),
]
