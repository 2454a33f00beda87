"""Cookies and the rules of source hosts: metadata for staff, and what only they may enter."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import admin
from django.db.models.functions import Now
from django.http import HttpRequest

from downloads.admin.read_only import ReadOnlyAdmin
from downloads.engine.egress.rules import Upstream, parse_headers, parse_pattern
from downloads.models import HostRule, SiteCookies
from downloads.network import host_rules
from downloads.network.credentials import health_of
from downloads.network.encryption import Unreadable

UNREADABLE: Final = (
    "Headers and proxy cannot be read; SECRET_KEY may have changed. Downloads from this host "
    "fail. Enter them again and save."
)


@admin.register(SiteCookies)
class SiteCookiesAdmin(ReadOnlyAdmin):
    """Users' cookies by site, with their health. No page shows their values."""

    list_display = ("site", "user", "state", "count", "expires_at", "last_used_at")
    search_fields = ("site", "user__username")
    list_select_related = ("user",)
    fields = ("site", "user", "state", "count", "expires_at", "refused_at", "last_used_at")
    readonly_fields = ("state",)

    @admin.display
    def state(self, cookies: SiteCookies) -> str:
        return str(health_of(cookies))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Staff may have to end what a user has left behind."""
        return admin.ModelAdmin.has_delete_permission(self, request, obj)


class HostRuleForm(forms.ModelForm):
    headers = forms.CharField(
        required=False,
        strip=False,
        help_text="One per line, such as Referer: https://example.com/. Sent only to this host.",
        widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField", "spellcheck": "false"}),
    )
    proxy = forms.CharField(
        required=False,
        help_text="Such as http://name:password@host:3128. It carries all requests to this host "
        "and resolves its name: Ferry cannot check the address that it connects to.",
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
    )

    class Meta:
        model = HostRule
        fields = ("host", "concurrency")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.ciphertext:
            return
        try:
            secrets = host_rules.unseal(self.instance)
        except Unreadable:
            self.fields["headers"].help_text = UNREADABLE
            return
        self.initial.update(headers=secrets.headers, proxy=secrets.proxy)

    def clean_host(self) -> str:
        return _checked(parse_pattern, self.cleaned_data["host"])

    def clean_headers(self) -> str:
        text: str = self.cleaned_data["headers"].strip()
        _checked(parse_headers, text)
        return text

    def clean_proxy(self) -> str:
        url: str = self.cleaned_data["proxy"].strip()
        if url:
            _checked(Upstream.parse, url)
        return url

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            headers, proxy, row = given["headers"], given["proxy"], self.instance
            row.host = given["host"]  # which the ciphertext is bound to
            row.ciphertext = host_rules.seal(row, host_rules.Secrets(headers, proxy))
            row.header_names = [name for name, _ in parse_headers(headers)]
            row.proxy_host = Upstream.parse(proxy).shown if proxy else ""
        return given


def _checked(parse: Any, text: str) -> Any:
    try:
        return parse(text)
    except ValueError as error:
        raise forms.ValidationError(str(error)) from None


@admin.register(HostRule)
class HostRuleAdmin(admin.ModelAdmin):
    """The rules per host. With the permission to view alone: headers' names, the proxy's host."""

    form = HostRuleForm
    list_display = ("host", "shown_headers", "proxy_host", "concurrency", "updated_at")
    search_fields = ("host",)
    shown: Final = ("host", "shown_headers", "proxy_host", "concurrency")

    @admin.display(description="headers")
    def shown_headers(self, rule: HostRule) -> str:
        return ", ".join(rule.header_names)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is not None and not self.has_change_permission(request, obj):
            return self.shown
        return ("host", "headers", "proxy", "concurrency")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        may_change = obj is None or self.has_change_permission(request, obj)
        return () if may_change else self.shown

    def save_model(self, request: HttpRequest, obj: HostRule, form: Any, change: bool) -> None:
        obj.updated_at = Now()
        super().save_model(request, obj, form, change)
