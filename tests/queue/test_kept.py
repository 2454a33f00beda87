"""A pause says what it keeps, if that is less than what has come."""

from __future__ import annotations

from typing import Any

import pytest

from downloads import services
from downloads.engine.core.byte_range import ByteRange
from downloads.engine.transfer.checkpoint import Checkpoint
from downloads.models import Rendition, Transition
from downloads.queue.demand import idle_if_unwanted
from tests.support.ledger import ask, claim_by, person, worker

pytestmark = pytest.mark.django_db(transaction=True)

MIB = 2**20


def at(done: int) -> dict[str, Any]:
    ranges = (ByteRange(0, done),) if done else ()
    return Checkpoint(total=16 * MIB, ranges=ranges).to_dict()


@pytest.mark.parametrize(
    ("checkpoint", "told"),
    [
        (at(5 * MIB), "5.2 of 8.4 MB are kept; the rest is fetched again."),
        (None, "0.0 of 8.4 MB are kept; the rest is fetched again."),
        (at(8 * MIB), ""),
        ({"version": 1, "streams": {}}, ""),
    ],
)
def test_what_a_pause_keeps(checkpoint: Any, told: str) -> None:
    alice = person("alice")
    download = ask(alice)
    lease = claim_by(worker())
    Rendition.objects.update(checkpoint=checkpoint, bytes_done=8 * MIB, bytes_total=16 * MIB)
    services.pause(alice, download.pk)
    assert idle_if_unwanted(lease.rendition_id, lease=lease.token)
    assert Transition.objects.get(event="rested").reason == told


def test_a_cancel_keeps_nothing_and_says_nothing() -> None:
    alice = person("alice")
    download = ask(alice)
    lease = claim_by(worker())
    Rendition.objects.update(checkpoint=at(MIB), bytes_done=8 * MIB)
    services.cancel(alice, download.pk)
    assert idle_if_unwanted(lease.rendition_id, lease=lease.token)
    assert Transition.objects.get(event="rested").reason == ""
