"""Sign-in, sign-out, and a user's own account page."""

from __future__ import annotations

from typing import Any

from axes.helpers import get_client_ip_address
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, views
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from knox.models import get_token_model

from accounts.forms import ChangePasswordForm, SignInForm, SignUpForm, TokenForm
from accounts.models import User
from accounts.throttle import may_sign_up
from accounts.tokens import has_room, make_room


class SignIn(views.LoginView):
    """The sign-in page. ``?next=`` is followed on this site only (Django's LoginView ensures
    it)."""

    template_name = "accounts/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, signup_open=settings.SIGNUP_OPEN)


class SignOut(views.LogoutView):
    """Sign-out by POST only: an image on another site must sign no user out."""


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """Render and handle the sign-up page; 404 if SIGNUP_OPEN is off."""
    if not settings.SIGNUP_OPEN:
        raise Http404
    if request.user.is_authenticated:
        return redirect(settings.LOGIN_REDIRECT_URL)
    form = SignUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if not may_sign_up(get_client_ip_address(request)):
            form.add_error(None, "Too many accounts were made from here. Try again in an hour.")
            context = {"form": form, "next": _next(request)}
            return render(request, "accounts/signup.html", context, status=429)
        login(request, form.save(), backend="django.contrib.auth.backends.ModelBackend")
        return redirect(_next(request))
    return render(request, "accounts/signup.html", {"form": form, "next": _next(request)})


def _next(request: HttpRequest) -> str:
    """Return the page that the user wanted, if it is on this site."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if safe else resolve_url(settings.LOGIN_REDIRECT_URL)


class ChangePassword(views.PasswordChangeView):
    template_name = "accounts/password.html"
    form_class = ChangePasswordForm
    success_url = reverse_lazy("accounts:account")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "request": self.request}

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, "Password changed.")
        return super().form_valid(form)


@never_cache
@login_required
@require_GET
def account(request: HttpRequest) -> HttpResponse:
    return _account_page(request, TokenForm(request=request))


@sensitive_post_parameters()
@never_cache
@login_required
@require_POST
def create_token(request: HttpRequest) -> HttpResponse:
    """Create a token and show it in this answer only: its hash alone is kept."""
    form = TokenForm(request.POST, request=request)
    if not form.is_valid():
        return _account_page(request, form, status=400)
    assert isinstance(request.user, User)  # login_required
    make_room(request.user)
    if not has_room(request.user):
        form.add_error(None, "You have as many tokens as one user may have. Revoke one first.")
        return _account_page(request, form, status=400)
    _, token = get_token_model().objects.create(
        user=request.user, expiry=form.cleaned_data["lifetime"]
    )
    return _account_page(request, TokenForm(request=request), status=201, new_token=token)


@login_required
@require_POST
def revoke_token(request: HttpRequest) -> HttpResponse:
    """Revoke one of the user's own tokens; one that is gone already is no error."""
    own = get_token_model().objects.filter(user=request.user)
    own.filter(digest=request.POST.get("token", "")).delete()
    messages.success(request, "Token revoked. Programs that use it are signed out.")
    return redirect("accounts:account")


def _account_page(
    request: HttpRequest, form: TokenForm, *, status: int = 200, new_token: str = ""
) -> HttpResponse:
    assert isinstance(request.user, User)  # login_required
    tokens = get_token_model().objects.filter(user=request.user).order_by("-created")
    context = {"tokens": tokens, "form": form, "new_token": new_token, "now": timezone.now()}
    return render(request, "accounts/account.html", context, status=status)
