"""A socket does not outlive the right to it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import requests
from django.conf import settings
from knox.models import AuthToken

from downloads import services
from downloads.realtime.consumers import SIGNED_OUT
from downloads.realtime.handshake import Visitor, may_stay
from tests.realtime.test_handshake import refused
from tests.support.daphne import Daphne
from tests.support.socket_page import Page, cookie_of


def sign_out(server: Daphne, cookie: str) -> None:
    with requests.Session() as browser:
        browser.cookies.set(settings.SESSION_COOKIE_NAME, cookie)
        page = browser.get(f"{server.origin}/", timeout=10)
        assert page.ok, page.text
        token = browser.cookies[settings.CSRF_COOKIE_NAME]
        done = browser.post(
            f"{server.origin}/accounts/logout/",
            {"csrfmiddlewaretoken": token},
            timeout=10,
            allow_redirects=False,
        )
        assert done.status_code == 302, done.text


def test_signing_out_closes_the_sockets_of_that_session(server: Daphne, alice: Any) -> None:
    cookie = cookie_of(alice)
    with Page(server, cookie=cookie) as page, Page(server, alice) as other_session:
        page.next()
        other_session.next()
        sign_out(server, cookie)
        assert page.closed_with() == SIGNED_OUT
        assert other_session.all(0.5) == []


def test_signing_out_closes_what_a_ticket_opened(server: Daphne, alice: Any) -> None:
    """A ticket names no token; a user who still has one gets another ticket."""
    with Page(server, ticket=services.realtime_ticket(alice)) as page:
        page.next()
        sign_out(server, cookie_of(alice))
        assert page.closed_with() == SIGNED_OUT


@pytest.mark.parametrize("with_session", [True, False])
def test_who_was_deactivated_may_not_stay(alice: Any, with_session: bool) -> None:
    visitor = Visitor(alice.pk, cookie_of(alice) if with_session else "")
    assert may_stay(visitor)
    alice.is_active = False
    alice.save()
    assert not may_stay(visitor)


def test_a_changed_password_ends_the_other_sessions(alice: Any) -> None:
    visitor = Visitor(alice.pk, cookie_of(alice))
    alice.set_password("another one")
    alice.save()
    assert not may_stay(visitor)


def socket_of_token(server: Daphne, alice: Any, **token: Any) -> tuple[Page, Any]:
    instance, secret = AuthToken.objects.create(alice, **token)
    bearer = {"Authorization": f"Bearer {secret}"}
    answer = requests.post(f"{server.origin}/api/v1/realtime/ticket/", headers=bearer, timeout=10)
    return Page(server, ticket=answer.json()["ticket"]), instance


def test_a_revoked_token_closes_its_sockets_alone(server: Daphne, alice: Any) -> None:
    page, token = socket_of_token(server, alice)
    other, _ = socket_of_token(server, alice)
    with page, other, Page(server, alice) as session:
        for each in (page, other, session):
            each.next()
        token.delete()
        assert page.closed_with() == SIGNED_OUT
        assert other.all(0.5) == []
        assert session.all(0.1) == []


def test_a_changed_password_closes_all_sockets(server: Daphne, alice: Any) -> None:
    page, _ = socket_of_token(server, alice)
    with page, Page(server, alice) as session:
        page.next()
        session.next()
        alice.set_password("another one")
        alice.save()
        assert page.closed_with() == SIGNED_OUT
        assert session.closed_with() == SIGNED_OUT


@pytest.mark.parametrize("end", ["deactivated", "deleted"])
def test_the_end_of_a_user_closes_their_sockets(server: Daphne, alice: Any, end: str) -> None:
    with Page(server, alice) as session:
        session.next()
        if end == "deleted":
            alice.delete()
        else:
            alice.is_active = False
            alice.save()
        assert session.closed_with() == SIGNED_OUT


def test_a_ticket_ends_with_its_token(server: Daphne, alice: Any) -> None:
    page, token = socket_of_token(server, alice)
    token.delete()
    assert refused(page)


def test_a_ticket_ends_with_its_session(server: Daphne, alice: Any) -> None:
    cookie = cookie_of(alice)
    ticket = services.realtime_ticket(alice, session_key=cookie)
    sign_out(server, cookie)
    assert refused(Page(server, ticket=ticket))


def test_an_expired_token_may_not_stay(alice: Any) -> None:
    token, _ = AuthToken.objects.create(alice, expiry=timedelta(seconds=-1))
    assert not may_stay(Visitor(alice.pk, token_digest=token.digest))
