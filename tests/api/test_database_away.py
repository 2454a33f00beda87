"""The database is locked, or away: 503 with Retry-After, never 500."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import InterfaceError, connection

from downloads.models import Download
from tests.api.arrange import DOWNLOADS, address, code
from tests.api.conftest import client_of
from tests.support.database import database_away
from tests.support.ledger import ask, person, url


@pytest.fixture
def user(transactional_db: None) -> Any:
    return person("alice")


@pytest.fixture
def locked(user: Any) -> Iterator[None]:
    """Another connection holds what every write needs; this one waits for 50 ms only."""
    if connection.vendor == "sqlite":
        other: Any = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        patience = ("PRAGMA busy_timeout = 50", "PRAGMA busy_timeout = 5000")
    else:
        other = psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None})
        other.execute("LOCK TABLE downloads_download, downloads_content")
        patience = ("SET lock_timeout = '50ms'", "SET lock_timeout = 0")
    with connection.cursor() as cursor:
        cursor.execute(patience[0])
    yield
    other.close()
    with connection.cursor() as cursor:
        cursor.execute(patience[1])


def is_unavailable(response: Any) -> None:
    assert code(response) == (503, "database_unavailable")
    assert int(response["Retry-After"]) > 0


def test_locked(user: Any, request: pytest.FixtureRequest) -> None:
    client = client_of(user)
    download = ask(user)
    request.getfixturevalue("locked")
    is_unavailable(client.post(DOWNLOADS, {"url": url()}))
    is_unavailable(client.post(DOWNLOADS, {"url": url()}, headers={"Idempotency-Key": "k"}))
    is_unavailable(client.post(address(download, "pause")))
    is_unavailable(client.delete(address(download)))


def test_away(user: Any) -> None:
    client = client_of(user)
    download = ask(user)
    with database_away():
        is_unavailable(client.get(DOWNLOADS))
        is_unavailable(client.post(DOWNLOADS, {"url": url()}))
        is_unavailable(client.get(address(download, "file")))
        is_unavailable(client.get("/api/v1/queue/"))


def test_a_connection_that_is_closed_under_a_query(as_alice: Any, download: Download) -> None:
    def closed(*_: Any) -> None:
        # What psycopg raises then; SQLite has no connection that another side could close.
        raise InterfaceError("the connection is closed")

    with connection.execute_wrapper(closed):
        is_unavailable(as_alice.get(DOWNLOADS))


def test_a_bug_is_500_and_says_nothing(as_alice: Any, download: Download) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("/secret/path")

    with connection.execute_wrapper(broken):
        response = as_alice.get(DOWNLOADS)
    assert code(response) == (500, "internal")
    assert b"secret" not in response.content
