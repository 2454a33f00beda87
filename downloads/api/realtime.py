"""``realtime/``: a way into the WebSocket for who has a token and no cookie."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from downloads import services
from downloads.api.base import ApiView, UserRequest
from downloads.schemas import Payload


class TicketPayload(Payload):
    ticket: str


class TicketView(ApiView):
    @extend_schema(request=None, responses=TicketPayload)
    def post(self, request: UserRequest) -> Response:
        """Opens one WebSocket (`/ws/downloads/?ticket=`), once, within 30 seconds."""
        return Response(TicketPayload(ticket=services.realtime_ticket(request.user)).wire())
