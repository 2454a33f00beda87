"""Tickets: with one, a page that has a token and no cookie opens its socket."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

from django.db.models.functions import Now

from downloads import conf
from downloads.models import RealtimeTicket

if TYPE_CHECKING:
    from accounts.models import User


def realtime_ticket(user: User, *, token_digest: str = "", session_key: str = "") -> str:
    """Return a secret that opens one WebSocket, once, within 30 seconds, for the user of this token
    or session."""
    ticket = secrets.token_urlsafe(32)
    RealtimeTicket.objects.create(
        digest=hashlib.sha256(ticket.encode()).hexdigest(),
        user=user,
        token_digest=token_digest,
        session_key=session_key,
        expires_at=Now() + conf.TICKET_TTL,
    )
    return ticket


def redeem_ticket(ticket: str) -> RealtimeTicket | None:
    """Return the ticket, and use it up; None for a wrong, used or old one."""
    digest = hashlib.sha256(ticket.encode()).hexdigest()
    # The second: a clock that was set back makes no ticket last.
    lasts = {"expires_at__gt": Now(), "expires_at__lte": Now() + conf.TICKET_TTL}
    found = RealtimeTicket.objects.filter(digest=digest, **lasts)
    row = found.first()
    # Two sockets may race with one ticket: only the one that deletes the row gets in.
    if row is None or found.delete()[0] != 1:
        return None
    return row
