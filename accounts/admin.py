from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import UserChangeForm

from accounts.models import User
from accounts.sizes import SizeField, size_with_unit


class ChangeUserForm(UserChangeForm):
    storage_quota = SizeField(
        required=False,
        help_text='Such as "20 GiB" or "500 MB". Leave blank for USER_STORAGE_QUOTA.',
    )

    class Meta:
        model = User
        fields = "__all__"


@admin.register(User)
class FerryUserAdmin(UserAdmin):
    form = ChangeUserForm
    list_display = ("username", "email", "is_staff", "is_active", "quota_shown", "active_limit")
    list_filter = ("is_staff", "is_superuser", "is_active")
    fieldsets = (
        *(UserAdmin.fieldsets or ()),
        ("Limits", {"fields": ("storage_quota", "max_active")}),
    )

    @admin.display(description="Storage quota", ordering="storage_quota")
    def quota_shown(self, user: User) -> str:
        return "unlimited" if user.quota is None else size_with_unit(user.quota)

    @admin.display(description="Running at once", ordering="max_active")
    def active_limit(self, user: User) -> int:
        return user.active_limit
