"""``/webhooks/``: a user's webhooks; add, list, enable, disable, delete. Without JavaScript."""

from __future__ import annotations

import uuid
from typing import Final

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from downloads import services
from downloads.engine.core.errors import BlockedAddress, UnsupportedURL
from downloads.models import Webhook, WebhookDelivery
from downloads.schemas import WEBHOOK_EVENTS, DeliveryPayload, WebhookPayload
from downloads.web.address_field import address_input
from downloads.web.redirects import SeeOther
from downloads.webhooks import address

SHOWN: Final = 50  # deliveries
# the usual choices; the API takes any set of events
CHOICES: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "all": ("All events", WEBHOOK_EVENTS),
    "ends": ("Completed and failed downloads", ("download:completed", "download:failed")),
}
# action -> the name of its route
ACTIONS: Final = {
    "enable": "enable_webhook",
    "disable": "disable_webhook",
    "delete": "delete_webhook",
}
STATES: Final = {"pending": "Waiting", "succeeded": "Delivered", "failed": "Failed"}


class WebhookForm(forms.Form):
    """The form to add a webhook."""

    url = forms.CharField(
        label="Address",
        max_length=address.LONGEST,
        help_text="An address of your own server, such as https://example.com/hooks/ferry.",
        widget=address_input(),
    )
    events = forms.ChoiceField(
        label="Events", choices=[(name, words) for name, (words, _) in CHOICES.items()]
    )


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def webhooks(request: HttpRequest) -> HttpResponse:
    """Render the list, or add a webhook; only that response shows its secret."""
    assert isinstance(request.user, User)  # login_required
    form = WebhookForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _page(request, form, status=400 if request.method == "POST" else 200)
    fields = form.cleaned_data
    try:
        _, events = CHOICES[fields["events"]]
        webhook = services.add_webhook(request.user, fields["url"], events=events)
    except (UnsupportedURL, BlockedAddress) as error:
        form.add_error("url", error.message)
    except services.InvalidState as error:
        form.add_error(None, str(error))
    else:
        return _page(request, WebhookForm(), webhook.secret, status=201)
    return _page(request, form, status=400)


@never_cache
@login_required
@require_http_methods(["GET"])
def deliveries(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    assert isinstance(request.user, User)  # login_required
    try:
        webhook = services.own_webhooks(request.user).get(pk=pk)
    except Webhook.DoesNotExist:
        raise Http404 from None
    rows = [DeliveryPayload.of(row) for row in webhook.deliveries.all()[:SHOWN]]
    context = {
        "webhook": WebhookPayload.of(webhook),
        "deliveries": [{"row": row, "state": STATES[row.status]} for row in rows],
    }
    return render(request, "webhooks/deliveries.html", context)


@login_required
@require_POST
def redeliver(request: HttpRequest, pk: uuid.UUID, delivery_id: uuid.UUID) -> HttpResponse:
    assert isinstance(request.user, User)  # login_required
    try:
        services.redeliver(request.user, pk, delivery_id)
    except (Webhook.DoesNotExist, WebhookDelivery.DoesNotExist):
        raise Http404 from None
    except services.InvalidState as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "Sending the message again.")
    return SeeOther(reverse("downloads:webhook_deliveries", args=[pk]))


@login_required
@require_POST
def act_on_webhook(request: HttpRequest, pk: uuid.UUID, action: str) -> HttpResponse:
    assert isinstance(request.user, User)  # login_required
    try:
        if action == "delete":
            services.delete_webhook(request.user, pk)
        else:
            services.change_webhook(request.user, pk, enabled=action == "enable")
    except Webhook.DoesNotExist:
        raise Http404 from None
    messages.success(request, f"The webhook is {action}d.")
    return SeeOther(reverse("downloads:webhooks"))


def _page(
    request: HttpRequest, form: WebhookForm, new_secret: str = "", status: int = 200
) -> HttpResponse:
    assert isinstance(request.user, User)  # login_required
    rows = [WebhookPayload.of(row) for row in services.own_webhooks(request.user)]
    context = {"form": form, "webhooks": rows, "new_secret": new_secret}
    return render(request, "webhooks/page.html", context, status=status)
