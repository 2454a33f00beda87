"""``webhooks/``: who is told what happens, and what was sent."""

from __future__ import annotations

import uuid

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from downloads import services
from downloads.api.base import ApiView, ApiViewSet, user_of
from downloads.api.errors import invalid
from downloads.api.inputs import NewWebhook, WebhookChange, read
from downloads.api.pagination import CURSOR, DeliveriesPage, NewestFirst, WebhooksPage, page
from downloads.schemas import WEBHOOK_EVENTS, DeliveryPayload, NewWebhookPayload, WebhookPayload


class WebhookViewSet(ApiViewSet):
    @extend_schema(parameters=[CURSOR], responses=WebhooksPage)
    def list(self, request: Request) -> Response:
        """The user's own, newest first; never with a secret."""
        rows = services.own_webhooks(user_of(request))
        return page(NewestFirst(), request, rows, WebhookPayload.of)

    @extend_schema(request=NewWebhook, responses={201: NewWebhookPayload})
    def create(self, request: Request) -> Response:
        """From now on, what happens to the user's downloads is sent there, signed. The answer
        alone holds the `secret` that verifies the signatures."""
        body = read(NewWebhook, request.data)
        try:
            made = services.add_webhook(
                user_of(request),
                body.url,
                events=WEBHOOK_EVENTS if body.events is None else body.events,
                description=body.description,
                secret=body.secret or "",
            )
        except ValueError as error:
            raise invalid("secret", "invalid", str(error)) from None
        shown = NewWebhookPayload.with_secret(made.row, made.secret)
        return Response(shown.wire(), status.HTTP_201_CREATED)

    @extend_schema(responses=WebhookPayload)
    def retrieve(self, request: Request, pk: uuid.UUID) -> Response:
        found = services.own_webhooks(user_of(request)).get(pk=pk)
        return Response(WebhookPayload.of(found).wire())

    @extend_schema(request=WebhookChange, responses=WebhookPayload)
    def partial_update(self, request: Request, pk: uuid.UUID) -> Response:
        """What is sent stays; the secret does too."""
        body = read(WebhookChange, request.data)
        changes = body.model_dump(include=body.model_fields_set)
        changed = services.change_webhook(user_of(request), pk, **changes)
        return Response(WebhookPayload.of(changed).wire())

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: uuid.UUID) -> Response:
        """Nothing more is sent to it, and its deliveries are forgotten."""
        services.delete_webhook(user_of(request), pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


class DeliveriesView(ApiView):
    @extend_schema(parameters=[CURSOR], responses=DeliveriesPage)
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """What was sent, is to be, or did not arrive: of the last 30 days, newest first."""
        rows = services.deliveries_of(user_of(request), pk)
        return page(NewestFirst(), request, rows, DeliveryPayload.of)


class RedeliverView(ApiView):
    @extend_schema(request=None, responses={202: DeliveryPayload})
    def post(self, request: Request, pk: uuid.UUID, delivery_id: uuid.UUID) -> Response:
        """Send it once more, at once and under the same `webhook-id`."""
        queued = services.redeliver(user_of(request), pk, delivery_id)
        return Response(DeliveryPayload.of(queued).wire(), status.HTTP_202_ACCEPTED)
