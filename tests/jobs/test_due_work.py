"""An idle machine's look at the ledger, and the rounds of the loop that it spares."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from downloads.jobs.due_work import DueWork
from downloads.jobs.maintenance import Maintenance, take_turn
from downloads.models import Content, QueueEntry, Rendition, WebhookDelivery
from tests.support.ledger import ask, person
from tests.webhooks.arrange import hook, message

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> Any:
    return person("alice")


def _rest() -> None:
    """Leave nothing that waits."""
    Content.objects.update(probe_status="ready")
    Rendition.objects.update(queued_at=Now() - timedelta(hours=1))  # just queued, it needs no probe
    QueueEntry.objects.update(ready=False, due_at=Now() + timedelta(minutes=5))
    WebhookDelivery.objects.update(status="succeeded")


def test_nothing_is_due_on_an_empty_ledger() -> None:
    assert not DueWork().exists()


@pytest.mark.parametrize(
    ("again", "due"),
    [
        (lambda: QueueEntry.objects.update(ready=True), True),
        (lambda: QueueEntry.objects.update(due_at=Now()), True),
        (lambda: QueueEntry.objects.update(due_at=Now() + timedelta(minutes=1)), False),
        (lambda: Content.objects.update(probe_status="pending"), True),
        (lambda: WebhookDelivery.objects.update(status="pending"), True),
    ],
    ids=["a place in line", "another attempt", "a later one", "a probe", "a message"],
)
def test_each_kind_of_work(alice: Any, again: Callable[[], object], due: bool) -> None:
    message(hook(alice))
    ask(alice)
    _rest()
    look = DueWork()
    assert not look.exists()
    again()
    assert look.exists() is due


def test_between_two_rounds_an_idle_loop_asks_one_question(alice: Any) -> None:
    now = [0.0]
    loop = Maintenance(clock=lambda: now[0])
    assert loop.turn()
    now[0] += 1
    with CaptureQueriesContext(connection) as asked:
        assert not loop._is_needed()
    assert len(asked) == 1
    ask(alice)
    assert loop._is_needed()  # at once, though the next round is not due
    assert loop.turn()
    _rest()
    now[0] += 5
    assert loop._is_needed()


def test_a_loop_without_the_turn_asks_nothing() -> None:
    now = [0.0]
    loop = Maintenance(clock=lambda: now[0])
    assert take_turn("another")
    assert not loop.turn()
    now[0] += 1
    with CaptureQueriesContext(connection) as asked:
        assert not loop._is_needed()
    assert len(asked) == 0
    now[0] += 2
    assert loop._is_needed()


def test_a_loop_that_ends_leaves_its_turn_to_others() -> None:
    loop = Maintenance()
    assert loop.turn()
    assert not take_turn("another")
    loop._give_up_turn()
    assert take_turn("another")
