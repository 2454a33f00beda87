"""``/cookies/``: a user's cookies per site; add, replace, delete. Without JavaScript."""

from __future__ import annotations

import codecs
import uuid
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from downloads import services
from downloads.engine.egress.cookies import MAX_BYTES
from downloads.models import SiteCookies
from downloads.schemas import CookiesPayload
from downloads.web.address_field import address_input
from downloads.web.redirects import SeeOther

NO_TEXT: Final = "This file is not plain text. Export the cookies as cookies.txt or JSON."
TOO_LARGE: Final = f"The file is larger than {MAX_BYTES // 1024} KiB. Export one site's cookies."
NOTHING: Final = "Paste the cookies, or choose the file that your browser exported."
WORDS: Final = {
    "ok": "Working",
    "expired": "Expired",
    "refused": "Not accepted",
    "unreadable": "Unreadable",
}


class CookiesForm(forms.Form):
    """The form for one site's cookies. Cleaned ``cookies``: the pasted text, else the file's."""

    site = forms.CharField(
        max_length=300,
        required=False,
        help_text="Such as example.com. Optional if the file covers one site only.",
        widget=address_input(),
    )
    text = forms.CharField(
        label="Paste cookies",
        required=False,
        strip=False,
        help_text="A cookies.txt file, a JSON export, or the Cookie header of a request.",
        widget=forms.Textarea(
            attrs={
                "rows": 6,
                "autocapitalize": "none",
                "autocomplete": "off",
                "spellcheck": "false",
            }
        ),
    )
    file = forms.FileField(label="Or choose a file", required=False, allow_empty_file=True)

    @sensitive_variables()
    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        file = cleaned.get("file")
        text = cleaned.get("text", "").strip("\r\n ") or (_text_of(file) if file else "")
        if not text and not self.errors:
            raise forms.ValidationError(NOTHING)
        return {**cleaned, "cookies": text}


def _text_of(file: UploadedFile) -> str:
    if (file.size or 0) > MAX_BYTES:
        raise forms.ValidationError(TOO_LARGE)
    try:
        return decoded(file.read())
    except UnicodeDecodeError:
        raise forms.ValidationError(NO_TEXT) from None


def decoded(body: bytes) -> str:
    """Return a text file's text: UTF-8, or the UTF-16 that PowerShell writes, by its mark.

    Raises UnicodeDecodeError.
    """
    marked = body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return body.decode("utf-16" if marked else "utf-8-sig")


@sensitive_post_parameters()
@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def cookies(request: HttpRequest) -> HttpResponse:
    """Render the page, or save the posted cookies. Query: ``site`` prefills the form."""
    assert isinstance(request.user, User)  # login_required
    if request.method != "POST":
        return _page(request, CookiesForm(initial={"site": request.GET.get("site", "")[:300]}))
    form = CookiesForm(request.POST, request.FILES)
    if form.is_valid():
        fields = form.cleaned_data
        try:
            cookies = services.keep_cookies(request.user, fields["cookies"], site=fields["site"])
        except services.BadCookies as error:
            form.add_error("site" if error.attr == "site" else None, str(error))
        else:
            messages.success(request, _saved_message(cookies))
            return SeeOther(reverse("downloads:cookies"))
    # secret: the pasted text goes back into no page
    again = CookiesForm(initial={"site": request.POST.get("site", "")[:300]})
    return _page(request, again, form, status=400)


@login_required
@require_POST
def delete_cookies(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    assert isinstance(request.user, User)  # login_required
    try:
        site = services.own_cookies(request.user).get(pk=pk).site
        services.delete_cookies(request.user, pk)
    except SiteCookies.DoesNotExist:
        raise Http404 from None
    messages.success(request, f"The cookies of {site} are deleted.")
    return SeeOther(reverse("downloads:cookies"))


def _page(
    request: HttpRequest, form: CookiesForm, refused: CookiesForm | None = None, status: int = 200
) -> HttpResponse:
    assert isinstance(request.user, User)  # login_required
    rows = [CookiesPayload.of(row) for row in services.own_cookies(request.user)]
    context = {
        "form": form,
        "problems": [] if refused is None else _problems(refused),
        "jars": [{"cookies": row, "state": WORDS[row.health]} for row in rows],
    }
    return render(request, "cookies/page.html", context, status=status)


def _problems(form: CookiesForm) -> list[str]:
    return [str(error) for errors in form.errors.values() for error in errors]


def _saved_message(cookies: services.KeptCookies) -> str:
    done = "Added" if cookies.created else "Replaced"
    count = cookies.row.count
    saved = f"{done} {count} cookie{'' if count == 1 else 's'} of {cookies.row.site}."
    return f"{saved} {cookies.note}".strip()
