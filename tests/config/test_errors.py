"""Errors outside of views: their shape below /api/, the status if the database is away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from config.server import errors
from config.server.body_limit import BodyLimit
from tests.support.database import database_away


class AsksTheDatabase:
    """A middleware that does."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        get_user_model().objects.exists()
        return self.get_response(request)


class IsMistaken(AsksTheDatabase):
    def __call__(self, request: HttpRequest) -> HttpResponse:
        raise RuntimeError("the reason")


@pytest.fixture
def no_database(django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), database_away():
        yield


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


def test_an_unknown_address_below_api_is_json(client: Client) -> None:
    answer = client.get("/api/nothing-here/")
    assert answer.status_code == 404
    assert answer.json()["type"] == "client_error"
    assert answer.json()["errors"][0]["code"] == "not_found"


def test_an_unknown_page_is_a_page(client: Client) -> None:
    answer = client.get("/nothing-here/")
    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/html")


@pytest.mark.usefixtures("no_database")
def test_a_database_that_is_away_is_503_even_in_middleware(client: Client, settings: Any) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.AsksTheDatabase"]
    answer = client.get("/api/schema/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "2")
    assert answer.json()["errors"][0]["code"] == "database_unavailable"
    page = client.get("/admin/")
    assert (page.status_code, page["Retry-After"]) == (503, "2")
    assert "nowhere" not in page.content.decode()


def test_any_other_mistake_is_500_without_its_reason(client: Client, settings: Any) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.IsMistaken"]
    answer = client.get("/api/schema/")
    assert answer.status_code == 500
    assert "the reason" not in answer.content.decode()


def test_a_page_never_repeats_markup(rf: RequestFactory) -> None:
    answer = errors.error_response(rf.get("/"), 400, "x", "<script>")
    assert b"<script>" not in answer.content


def test_a_large_body_is_413_by_its_length(client: Client, settings: Any) -> None:
    settings.REQUEST_MAX_BYTES = 1000
    body = b"x" * 1001
    answer = client.post("/api/schema/", body, content_type="application/json")
    assert answer.status_code == 413
    assert answer.json()["errors"][0]["code"] == "request_too_large"
    assert "Content-Security-Policy" in answer


async def _reads_all(scope: Any, receive: Any, send: Any) -> None:
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def _status(chunks: list[bytes], headers: list[tuple[bytes, bytes]]) -> int:
    async def ask() -> int:
        scope = {"type": "http", "method": "POST", "path": "/api/", "headers": headers}
        exchange = ApplicationCommunicator(BodyLimit(_reads_all, 1000), scope)
        for chunk in chunks:
            message = {"type": "http.request", "body": chunk, "more_body": True}
            await exchange.send_input(message)
        await exchange.send_input({"type": "http.request", "body": b"", "more_body": False})
        answer = await exchange.receive_output(5)
        return int(answer["status"])

    return asyncio.run(ask())


def test_a_large_body_without_a_length_is_413_while_it_is_read() -> None:
    assert _status([b"x" * 400] * 3, []) == 413
    assert _status([b"x" * 400] * 2, []) == 200


def test_a_lockout_says_how_long(rf: RequestFactory) -> None:
    answer: HttpResponse = errors.locked_out(rf.post("/api/v1/auth/login/"))
    assert (answer.status_code, answer["Retry-After"]) == (429, "900")
    page: HttpRequest = rf.post("/accounts/login/")
    assert "Wait 15 minutes" in errors.locked_out(page).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("behind", "headers", "words"),
    [
        (True, {"Origin": "https://testserver"}, "X-Forwarded-Proto"),
        (False, {"Origin": "https://testserver"}, "BEHIND_HTTPS_PROXY"),
        (True, {"Origin": "https://x.example", "X-Forwarded-Proto": "https"}, "Reload it"),
        (False, {"Origin": "http://x.example"}, "Reload it"),
    ],
)
def test_a_proxy_that_is_set_up_wrongly_is_named(
    settings: Any, behind: bool, headers: dict[str, str], words: str
) -> None:
    settings.BEHIND_HTTPS_PROXY = behind
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if behind else None
    answer = Client(enforce_csrf_checks=True).post("/accounts/login/", {}, headers=headers)
    assert answer.status_code == 403
    assert words in answer.content.decode()
