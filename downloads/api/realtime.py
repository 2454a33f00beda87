"""``realtime/``: tickets to open the WebSocket with a token instead of a cookie."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from knox.models import get_token_model
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
        if isinstance(request.auth, get_token_model()):
            signed_in_by = {"token_digest": request.auth.digest}
        else:
            signed_in_by = {"session_key": request._request.session.session_key or ""}
        ticket = services.realtime_ticket(request.user, **signed_in_by)
        return Response(TicketPayload(ticket=ticket).wire())
