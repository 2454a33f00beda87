"""``realtime/``: tickets to open the WebSocket with a token instead of a cookie."""

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
        """Return a ticket that opens one WebSocket (`/ws/downloads/?ticket=`) within 30 seconds."""
        return Response(TicketPayload(ticket=services.realtime_ticket(request.user)).wire())
