from __future__ import annotations

from django.urls import path, re_path
from django.urls.converters import UUIDConverter

from downloads.web import cookies, webhooks
from downloads.web.catalogue import views as catalogue
from downloads.web.dashboard import group_views
from downloads.web.doctor import views as doctor
from downloads.web.download import player
from downloads.web.download import views as download
from downloads.web.health import views as health
from downloads.web.playlist import views as playlist
from downloads.web.queue import views as queue

UUID = UUIDConverter.regex

urlpatterns = [
    path("health/", health.health, name="health"),
    path("downloads/<uuid:pk>/", download.detail, name="detail"),
    path("downloads/<uuid:pk>/live/", download.detail_live, name="detail_live"),
    path("downloads/<uuid:pk>/play/", player.play, name="play"),
    path("playlists/<uuid:pk>/", playlist.playlist, name="playlist"),
    path("playlists/<uuid:pk>/choose/", playlist.choose, name="playlist_choose"),
    path("playlists/<uuid:pk>/more/", playlist.more, name="playlist_more"),
    re_path(
        rf"^groups/(?P<pk>{UUID})/(?P<action>cancel|pause|resume|retry|delete)/$",
        group_views.act_on_group,
        name="act_on_group",
    ),
    path("catalogue/", catalogue.catalogue, name="catalogue"),
    path("catalogue/add/", catalogue.add, name="catalogue_add"),
    path("catalogue/<uuid:pk>/edit/", catalogue.edit, name="catalogue_edit"),
    path("catalogue/<uuid:pk>/remove/", catalogue.remove, name="catalogue_remove"),
    path("catalogue/<uuid:pk>/probe/", catalogue.probe, name="catalogue_probe"),
    path("cookies/", cookies.cookies, name="cookies"),
    path("cookies/<uuid:pk>/delete/", cookies.delete_cookies, name="delete_cookies"),
    path("webhooks/", webhooks.webhooks, name="webhooks"),
    *(
        path(f"webhooks/<uuid:pk>/{action}/", webhooks.act_on_webhook, {"action": action}, name)
        for action, name in webhooks.ACTIONS.items()
    ),
    path("webhooks/<uuid:pk>/", webhooks.deliveries, name="webhook_deliveries"),
    path(
        "webhooks/<uuid:pk>/deliveries/<uuid:delivery_id>/redeliver/",
        webhooks.redeliver,
        name="redeliver",
    ),
    path("doctor/", doctor.doctor, name="doctor"),
    path("doctor/echo/", doctor.echo, name="doctor_echo"),
    path("queue/", queue.queue, name="queue"),
    path("queue/live/", queue.queue_live, name="queue_live"),
    re_path(
        rf"^queue/(?P<pk>{UUID})/(?P<action>first|pause|cancel)/$",
        queue.act_in_queue,
        name="act_in_queue",
    ),
]
