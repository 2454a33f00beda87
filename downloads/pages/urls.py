from __future__ import annotations

from django.urls import path, re_path

from downloads.pages import (
    cookies,
    detail,
    group_views,
    health_views,
    player,
    playlist_views,
    queue_views,
)

urlpatterns = [
    path("health/", health_views.health, name="health"),
    path("downloads/<uuid:pk>/", detail.detail, name="detail"),
    path("downloads/<uuid:pk>/live/", detail.detail_live, name="detail_live"),
    path("downloads/<uuid:pk>/play/", player.play, name="play"),
    path("playlists/<uuid:pk>/", playlist_views.playlist, name="playlist"),
    path("playlists/<uuid:pk>/choose/", playlist_views.choose, name="playlist_choose"),
    path("playlists/<uuid:pk>/more/", playlist_views.more, name="playlist_more"),
    re_path(
        r"^groups/(?P<pk>[0-9a-f-]{36})/(?P<action>cancel|pause|resume|retry|delete)/$",
        group_views.act_on_group,
        name="act_on_group",
    ),
    path("cookies/", cookies.cookies, name="cookies"),
    path("cookies/<uuid:pk>/delete/", cookies.delete_cookies, name="delete_cookies"),
    path("queue/", queue_views.queue, name="queue"),
    path("queue/live/", queue_views.queue_live, name="queue_live"),
    re_path(
        r"^queue/(?P<pk>[0-9a-f-]{36})/(?P<action>first|pause|cancel)/$",
        queue_views.act_in_queue,
        name="act_in_queue",
    ),
]
