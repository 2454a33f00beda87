from __future__ import annotations

from django.templatetags.static import static
from django.urls import path, re_path
from django.utils.functional import lazy
from django.views.generic import RedirectView

from downloads import views
from downloads.pages import urls as pages

app_name = "downloads"
urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("downloads/", views.create, name="create"),
    path("downloads/list/", views.live, name="list"),
    path("downloads/preview/<uuid:pk>/", views.preview, name="preview"),
    *pages.urlpatterns,
    re_path(
        r"^downloads/(?P<pk>[0-9a-f-]{36})/(?P<action>cancel|pause|resume|retry|keep|delete)/$",
        views.act,
        name="act",
    ),
    path(
        "favicon.ico",
        RedirectView.as_view(url=lazy(static, str)("img/favicon.svg")),
    ),
]
