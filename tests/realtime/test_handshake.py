"""The handshake: users who may connect; all others are refused before accept, with HTTP 403."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import override_settings
from websockets.exceptions import InvalidStatus

from downloads import services
from downloads.models import RealtimeTicket
from downloads.realtime.handshake import visitor_of
from tests.support.daphne import Daphne
from tests.support.socket_page import Page, cookie_header, cookie_of

FOREIGN = "http://evil.example"


def refused(page: Page) -> bool:
    with pytest.raises(InvalidStatus) as refusal, page:
        pass
    return refusal.value.response.status_code == 403


def test_a_page_of_ours_with_a_session_comes_in(server: Daphne, alice: Any) -> None:
    with Page(server, alice) as page:
        assert page.next()["event"] == "download:snapshot"


def test_no_login_is_refused(server: Daphne) -> None:
    assert refused(Page(server))


@pytest.mark.parametrize("origin", [FOREIGN, "null", "", "http://127.0.0.1:1", "http://localhost"])
def test_a_session_on_a_foreign_page_is_refused(server: Daphne, alice: Any, origin: str) -> None:
    assert refused(Page(server, alice, origin=origin))


def test_a_deactivated_user_is_refused(server: Daphne, alice: Any) -> None:
    page = Page(server, alice)
    alice.is_active = False
    alice.save()
    assert refused(page)


def test_a_ticket_opens_one_socket_once(server: Daphne, alice: Any) -> None:
    ticket = services.realtime_ticket(alice)
    with Page(server, ticket=ticket, origin=FOREIGN) as page:
        assert page.next()["event"] == "download:snapshot"
    assert refused(Page(server, ticket=ticket))


def test_an_old_ticket_is_refused(server: Daphne, alice: Any) -> None:
    ticket = services.realtime_ticket(alice)
    RealtimeTicket.objects.update(expires_at=Now() - timedelta(seconds=1))
    assert refused(Page(server, ticket=ticket))


def test_a_wrong_ticket_is_refused_although_the_session_is_good(server: Daphne, alice: Any) -> None:
    assert refused(Page(server, alice, ticket="nonsense"))


def test_another_address_is_refused(server: Daphne, alice: Any) -> None:
    page = Page(server, alice)
    page._url = page._url.replace("downloads", "elsewhere")
    assert refused(page)


@pytest.mark.parametrize(
    ("trusted", "origin", "let_in"),
    [
        ("https://ferry.example", "https://ferry.example", True),
        ("https://ferry.example", "http://ferry.example", False),
        ("https://ferry.example", "https://ferry.example:444", False),
        ("https://*.ferry.example", "https://tv.ferry.example", True),
        ("https://*.ferry.example", "https://ferry.example.evil.example", False),
        ("https://*.ferry.example", "https://[", False),
    ],
)
def test_trusted_origins(alice: Any, trusted: str, origin: str, let_in: bool) -> None:
    (cookie,) = cookie_header(cookie_of(alice)).values()
    headers = {"host": "127.0.0.1", "origin": origin, "cookie": cookie}
    scope = {
        "type": "websocket",
        "path": "/ws/downloads/",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    with override_settings(CSRF_TRUSTED_ORIGINS=[trusted]):
        assert (visitor_of(scope) is not None) is let_in
