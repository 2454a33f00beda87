"""``webhooks/``: a user's webhooks and their deliveries."""

from __future__ import annotations

import uuid

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

from downloads import services
from downloads.api.base import ApiView, ApiViewSet, UserRequest
from downloads.api.downloads import conflict
from downloads.api.errors import invalid
from downloads.api.pagination import DeliveriesPage, NewestFirst, WebhooksPage, page
from downloads.api.serializers import NewWebhook, PageQuery, WebhookChange
from downloads.schemas import WEBHOOK_EVENTS, DeliveryPayload, NewWebhookPayload, WebhookPayload


class WebhookViewSet(ApiViewSet):
    queries = {"list": PageQuery}

    @extend_schema(responses=WebhooksPage)
    def list(self, request: UserRequest) -> Response:
        """List the user's own, newest first; never with a secret."""
        rows = services.own_webhooks(request.user)
        return page(NewestFirst(), request, rows, WebhookPayload.of)

    @extend_schema(
        request=NewWebhook,
        responses={
            201: NewWebhookPayload,
            409: conflict("`invalid_state`: there are as many as may be"),
        },
    )
    def create(self, request: UserRequest) -> Response:
        """Add a webhook: from now on, events of the user's downloads are sent to it, signed. Only
        this response holds the `secret` that verifies the signatures."""
        body = NewWebhook(data=request.data)
        body.is_valid(raise_exception=True)
        fields = body.validated_data
        events = fields.get("events")
        try:
            webhook = services.add_webhook(
                request.user,
                fields["url"],
                events=WEBHOOK_EVENTS if events is None else events,
                description=fields["description"],
                secret=fields.get("secret") or "",
            )
        except ValueError as error:
            raise invalid("secret", "invalid", str(error)) from None
        shown = NewWebhookPayload.with_secret(webhook.row, webhook.secret)
        return Response(shown.wire(), status.HTTP_201_CREATED)

    @extend_schema(responses=WebhookPayload)
    def retrieve(self, request: UserRequest, pk: uuid.UUID) -> Response:
        """Return one webhook, without its secret."""
        found = services.own_webhooks(request.user).get(pk=pk)
        return Response(WebhookPayload.of(found).wire())

    @extend_schema(request=WebhookChange, responses=WebhookPayload)
    def partial_update(self, request: UserRequest, pk: uuid.UUID) -> Response:
        """Change the fields sent; the others and the secret stay."""
        change = WebhookChange(data=request.data)
        change.is_valid(raise_exception=True)
        changed = services.change_webhook(request.user, pk, **change.validated_data)
        return Response(WebhookPayload.of(changed).wire())

    @extend_schema(responses={204: None})
    def destroy(self, request: UserRequest, pk: uuid.UUID) -> Response:
        """Delete the webhook with its deliveries; no more is sent to it."""
        services.delete_webhook(request.user, pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


class DeliveriesView(ApiView):
    queries = {"get": PageQuery}

    @extend_schema(responses=DeliveriesPage)
    def get(self, request: UserRequest, pk: uuid.UUID) -> Response:
        """List deliveries of the last 30 days, newest first: sent, pending and failed."""
        rows = services.deliveries_of(request.user, pk)
        return page(NewestFirst(), request, rows, DeliveryPayload.of)


class RedeliverView(ApiView):
    @extend_schema(
        request=None,
        responses={
            202: DeliveryPayload,
            409: conflict("`invalid_state`: the webhook is disabled"),
        },
    )
    def post(self, request: UserRequest, pk: uuid.UUID, delivery_id: uuid.UUID) -> Response:
        """Send it again at once, with the same `webhook-id`."""
        queued = services.redeliver(request.user, pk, delivery_id)
        return Response(DeliveryPayload.of(queued).wire(), status.HTTP_202_ACCEPTED)
