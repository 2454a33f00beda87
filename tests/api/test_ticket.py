"""realtime/ticket/: opens one socket, once."""

from __future__ import annotations

from typing import Any

from downloads import services
from downloads.models import RealtimeTicket
from tests.api.arrange import code

TICKET = "/api/v1/realtime/ticket/"


def test_it_is_good_once(as_alice: Any, alice: Any) -> None:
    response = as_alice.post(TICKET)
    assert response.status_code == 200
    ticket = response.json()["ticket"]
    assert set(response.json()) == {"ticket"}
    assert not RealtimeTicket.objects.filter(digest=ticket).exists()
    row = services.redeem_ticket(ticket)
    assert row is not None
    assert row.user == alice
    assert services.redeem_ticket(ticket) is None


def test_not_for_strangers(anyone: Any, db: None) -> None:
    assert code(anyone.post(TICKET)) == (401, "not_authenticated")
    assert RealtimeTicket.objects.count() == 0
