from __future__ import annotations

from django.urls import path, re_path

from downloads.pages import detail, health_views, player, queue_views

urlpatterns = [
    path("health/", health_views.health, name="health"),
    path("downloads/<uuid:pk>/", detail.detail, name="detail"),
    path("downloads/<uuid:pk>/live/", detail.detail_live, name="detail_live"),
    path("downloads/<uuid:pk>/play/", player.play, name="play"),
    path("queue/", queue_views.queue, name="queue"),
    path("queue/live/", queue_views.queue_live, name="queue_live"),
    re_path(
        r"^queue/(?P<pk>[0-9a-f-]{36})/(?P<action>first|pause|cancel)/$",
        queue_views.act_in_queue,
        name="act_in_queue",
    ),
]
