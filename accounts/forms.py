from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, UserCreationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from accounts.models import User

NEVER: Final = "never"
TOKEN_LIFETIMES: Final[dict[str, timedelta | None]] = {
    "7": timedelta(days=7),
    "30": timedelta(days=30),
    "90": timedelta(days=90),
    "365": timedelta(days=365),
    NEVER: None,
}


class SignInForm(AuthenticationForm):
    error_messages = {
        "invalid_login": "The username or the password is wrong. Check both and try again.",
        "inactive": "This account is disabled. Ask an administrator.",
    }


class SignUpForm(UserCreationForm):
    class Meta:
        model = User
        fields = ("username", "email")
        help_texts = {"username": "Letters, digits and @ . + - _", "email": "Optional."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = "Password"
        self.fields["password2"].label = "Password again"
        self.fields["password2"].help_text = ""
        self.fields["email"].widget.attrs["autocomplete"] = "email"


def _checked(request: HttpRequest, user: Any, password: str) -> str:
    """Return the password if it is the user's. Raises ValidationError.

    Wrong ones count as at sign-in: a stranger at an open page could guess for ever.
    """
    if authenticate(request, username=user.get_username(), password=password) is None:
        raise ValidationError("This is not your current password. Try again.", "password_incorrect")
    return password


class ChangePasswordForm(PasswordChangeForm):
    keep_tokens = forms.BooleanField(
        label="Keep my API tokens",
        required=False,
        help_text="Otherwise programs that use one are signed out.",
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.fields["old_password"].label = "Current password"
        self.fields["new_password1"].label = "New password"
        self.fields["new_password2"].label = "New password again"
        self.fields["new_password2"].help_text = ""

    def clean_old_password(self) -> str:
        return _checked(self.request, self.user, self.cleaned_data["old_password"])

    def save(self, commit: bool = True) -> Any:
        self.user.keeps_tokens = self.cleaned_data["keep_tokens"]
        return super().save(commit)


class TokenForm(forms.Form):
    """A form for a token. ``lifetime`` cleans to a timedelta, or None for one that never
    expires."""

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    lifetime = forms.ChoiceField(
        label="Valid for",
        initial="90",
        choices=[
            ("7", "7 days"),
            ("30", "30 days"),
            ("90", "90 days"),
            ("365", "1 year"),
            (NEVER, "Until revoked"),
        ],
    )

    password = forms.CharField(
        label="Current password",
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def clean_password(self) -> str:
        return _checked(self.request, self.request.user, self.cleaned_data["password"])

    def clean_lifetime(self) -> timedelta | None:
        return TOKEN_LIFETIMES[self.cleaned_data["lifetime"]]
