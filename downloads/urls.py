from __future__ import annotations

from django.templatetags.static import static
from django.urls import path, re_path
from django.urls.converters import UUIDConverter
from django.utils.functional import lazy
from django.views.generic import RedirectView

from downloads.web import urls as pages
from downloads.web.dashboard import views

app_name = "downloads"
UUID = UUIDConverter.regex
urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("downloads/", views.create, name="create"),
    path("downloads/list/", views.live, name="list"),
    path("downloads/preview/<uuid:pk>/", views.preview, name="preview"),
    *pages.urlpatterns,
    re_path(
        rf"^downloads/(?P<pk>{UUID})/(?P<action>cancel|pause|resume|retry|keep|delete)/$",
        views.act,
        name="act",
    ),
    path(
        "favicon.ico",
        RedirectView.as_view(url=lazy(static, str)("img/favicon.svg")),
    ),
]
