"""Where a page goes after a form."""

from __future__ import annotations

from django.http import HttpResponseRedirect


class SeeOther(HttpResponseRedirect):
    """After a POST: the next request is a GET (RFC 9110, section 15.4.4)."""

    status_code = 303
