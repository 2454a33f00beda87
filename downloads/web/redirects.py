"""Where a page goes after a form."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


class SeeOther(HttpResponseRedirect):
    """After a POST: the next request is a GET (RFC 9110, section 15.4.4)."""

    status_code = 303


def back_to(request: HttpRequest) -> str:
    """Where the button was pressed (``next``), if that is on this site; else the dashboard."""
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if safe else reverse("downloads:dashboard")
