"""Redirects after a form."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


class SeeOther(HttpResponseRedirect):
    """A redirect after a POST: the next request is a GET (RFC 9110, section 15.4.4)."""

    status_code = 303


def back_to(request: HttpRequest) -> str:
    """Return the form's ``next`` if it is on this site, else the dashboard's URL."""
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if safe else reverse("downloads:dashboard")
