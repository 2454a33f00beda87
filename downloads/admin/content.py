from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from accounts.models import User
from downloads import services
from downloads.engine.core.errors import DownloadError
from downloads.engine.resolver.urls import normalise
from downloads.models import Content


class ContentAdminForm(forms.ModelForm):
    class Meta:
        model = Content
        fields = ("source_url", "title", "thumbnail_url", "in_catalogue")
        widgets = {"source_url": forms.TextInput(attrs={"class": "vTextField"})}

    def clean_source_url(self) -> str:
        try:
            return normalise(self.cleaned_data["source_url"])
        except DownloadError as error:
            raise forms.ValidationError(error.message) from None


@admin.register(Content)
class ContentAdmin(admin.ModelAdmin):
    """Title, picture and whether it stands in the catalogue; the rest is what probing found."""

    form = ContentAdminForm
    list_display = ("__str__", "in_catalogue", "probe_status", "probe_error_code", "created_at")
    list_filter = ("in_catalogue", "probe_status", "probe_error_code")
    search_fields = ("title", "source_url", "identity", "=id")
    list_per_page = 50
    fields = ("source_url", "title", "thumbnail_url", "in_catalogue")
    found = (
        "id",
        "duration",
        "probe_status",
        "probe_error",
        "identity",
        "qualities",
        "probed_at",
        "created_at",
    )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*self.fields, *self.found) if obj else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        private = ("in_catalogue",) if obj and obj.credential_owner_id else ()
        return ("source_url", *private, *self.found) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # downloads hang on it: take it out of the catalogue instead

    def save_model(self, request: HttpRequest, obj: Content, form: Any, change: bool) -> None:
        edited = {name: getattr(obj, name) for name in ("title", "thumbnail_url", "in_catalogue")}
        if not change:
            assert isinstance(request.user, User)  # the admin's own login
            obj.pk = services.add_content(request.user, obj.source_url, shared=True)[0].pk
        services.edit_content(obj, **edited)  # these alone: the worker writes the others meanwhile
