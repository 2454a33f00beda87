"""Time limits towards PostgreSQL: what is missing or absurd is told."""

from __future__ import annotations

import pytest
from django.db import connection

from config.settings.database import _merged
from downloads import checks
from downloads.queue.database_limits import SANE, database_limits, limits_warning

OURS = {
    "statement_timeout": 30_000,
    "lock_timeout": 10_000,
    "idle_in_transaction_session_timeout": 60_000,
    "tcp_user_timeout": 8_000,
}


def test_our_own_make_sense() -> None:
    assert OURS.keys() == SANE.keys()
    assert limits_warning(OURS) == ""
    assert limits_warning({}) == ""  # SQLite


@pytest.mark.parametrize("name", OURS)
def test_what_is_missing_is_named(name: str) -> None:
    told = limits_warning({**OURS, name: 0})
    assert told.startswith(f"{name} is off: ")
    assert "DATABASE_URL" in told


@pytest.mark.parametrize(
    ("name", "absurd"),
    [
        ("statement_timeout", 50),
        ("lock_timeout", 3_600_000),
        ("tcp_user_timeout", 900_000),
        ("idle_in_transaction_session_timeout", 86_400_000),
    ],
)
def test_what_is_absurd_is_named(name: str, absurd: int) -> None:
    assert limits_warning({**OURS, name: absurd}).startswith(f"{name} is {absurd} ms: ")


def test_an_option_of_the_url_leaves_our_others() -> None:
    both = _merged({"options": "-c lock_timeout=10s", "a": 1}, {"options": "-c x=1", "a": 2})
    assert both == {"options": "-c lock_timeout=10s -c x=1", "a": 2}


@pytest.mark.django_db
def test_the_connection_has_ours() -> None:
    limits = database_limits()
    if connection.vendor == "postgresql":
        assert {name: OURS[name] for name in limits} == limits
        assert "statement_timeout" in limits
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = 0")
        (message,) = checks.database_answers_in_time(None)
        assert message.id == "ferry.W012"
    else:
        assert limits == {}
        assert checks.database_answers_in_time(None) == []
