"""Places in line are counted from the nearer end, and states of many not at each look."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from downloads.line import order, order_of, places
from downloads.models import Download, QueueEntry
from downloads.querysets import stored_as
from downloads.queue import figures
from tests.support.ledger import ask, person

pytestmark = pytest.mark.django_db


def test_as_many_are_ahead_whichever_end_is_near(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "FAR", 6)
    monkeypatch.setattr(places, "_waiting", places._Waiting())
    chance, alice = random.Random(15), person("alice")
    ask(person("bob"))
    start = timezone.now()
    for number in range(40):
        rendition = ask(alice).rendition_id
        place = QueueEntry.objects.filter(rendition=rendition)
        place.update(
            priority=chance.choice([0, 0, 0, 1, -1]),
            queued_at=start + timedelta(seconds=number, microseconds=1),
        )
    entries = sorted(QueueEntry.objects.filter(user=alice), key=order_of)
    assert [places._ahead_of_own(entry) for entry in entries] == list(range(40))


def test_a_place_costs_one_statement_at_either_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "FAR", 3)
    alice = person("alice")
    for _ in range(9):
        ask(alice)
    entries = sorted(QueueEntry.objects.all(), key=order_of)
    places._waiting.by_user()
    for entry in (entries[0], entries[-1]):
        with CaptureQueriesContext(connection) as queries:
            places._ahead_of_own(entry)
        assert len(queries) == 1


@pytest.mark.parametrize("everyone", [False, True])
def test_many_that_have_ended_are_counted_now_and_then(
    monkeypatch: pytest.MonkeyPatch, everyone: bool
) -> None:
    now = [100.0]
    monkeypatch.setattr(figures, "_MANY", 2)
    alice = person("alice")
    states = figures._States(clock=lambda: now[0])
    whose: Any = None if everyone else alice
    rows = [ask(alice) for _ in range(3)]
    Download.objects.filter(pk__in=[each.pk for each in rows[:2]]).update(**stored_as("completed"))
    assert states.of(whose) == {"completed": 2, "queued": 1}
    Download.objects.filter(pk=rows[2].pk).update(**stored_as("completed"))
    ask(alice)
    assert states.of(whose) == {"completed": 2, "queued": 1}  # what waits is counted each time
    now[0] += 6
    assert states.of(whose) == {"completed": 3, "queued": 1}


def test_many_that_wait_are_counted_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(figures, "_MANY", 2)
    alice = person("alice")
    states = figures._States(clock=lambda: now[0])
    rows = [ask(alice) for _ in range(2)]
    assert states.of(alice) == {"queued": 2}
    Download.objects.filter(pk=rows[0].pk).update(**stored_as("failed"))
    assert states.of(alice) == {"queued": 2, "failed": 1}  # the few are counted each time
    now[0] += 6
    assert states.of(alice) == {"queued": 1, "failed": 1}


def test_few_that_have_ended_are_counted_each_time() -> None:
    alice, states = person("alice"), figures._States()
    download = ask(alice)
    Download.objects.update(**stored_as("failed"))
    assert states.of(alice) == {"failed": 1}
    download.delete()
    assert states.of(alice) == {}


def test_what_runs_is_found_without_reading_what_does_not() -> None:
    """Also where SQLite has figures of the tables, by which it would go through all users."""
    alice = person("alice")
    for _ in range(30):
        ask(alice)
    with CaptureQueriesContext(connection) as queries:
        assert order.running_claims() == {}
    is_sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        if not is_sqlite:
            cursor.execute("SET LOCAL enable_seqscan = off")  # cheaper for so few
        cursor.execute(f"EXPLAIN {'QUERY PLAN' if is_sqlite else ''} {queries[0]['sql']}")
        plan = "\n".join(" ".join(map(str, row)) for row in cursor.fetchall())
    assert "rendition_leased" in plan
    assert "SCAN downloads_download" not in plan
