"""A pause says what it keeps, if that is less than what has come."""

from __future__ import annotations

from typing import Any

import pytest

from downloads import services
from downloads.engine.core.byte_range import ByteRange
from downloads.engine.transfer.checkpoint import Checkpoint
from downloads.models import Rendition, Transition
from downloads.queue.demand import idle_if_unwanted
from downloads.schemas import DownloadPayload
from tests.support.ledger import again, ask, claim_by, person, worker

pytestmark = pytest.mark.django_db(transaction=True)

MIB = 2**20


def at(done: int) -> dict[str, Any]:
    ranges = (ByteRange(0, done),) if done else ()
    return Checkpoint(total=16 * MIB, ranges=ranges).to_dict()


@pytest.mark.parametrize(
    ("checkpoint", "told", "shown"),
    [
        (at(4 * MIB), "4.2 of 8.4 MB are kept; the rest is fetched again.", (4 * MIB, 25.0)),
        (None, "0.0 of 8.4 MB are kept; the rest is fetched again.", (0, 0.0)),
        (at(8 * MIB), "", (8 * MIB, 50.0)),
        ({"version": 1, "streams": {}}, "", (8 * MIB, 50.0)),
    ],
)
def test_what_a_pause_keeps(checkpoint: Any, told: str, shown: tuple[int, float]) -> None:
    alice = person("alice")
    download = ask(alice)
    lease = claim_by(worker())
    Rendition.objects.update(
        checkpoint=checkpoint, bytes_done=8 * MIB, bytes_total=16 * MIB, progress=50.0
    )
    services.pause(alice, download.pk)
    assert idle_if_unwanted(lease.rendition_id, lease=lease.token)
    assert Transition.objects.get(event="rested").reason == told
    now = DownloadPayload.of(again(download))
    assert (now.status, now.bytes_done, now.progress) == ("paused", *shown)


def test_a_cancel_keeps_nothing_and_says_nothing() -> None:
    alice = person("alice")
    download = ask(alice)
    lease = claim_by(worker())
    Rendition.objects.update(checkpoint=at(MIB), bytes_done=8 * MIB)
    services.cancel(alice, download.pk)
    assert idle_if_unwanted(lease.rendition_id, lease=lease.token)
    assert Transition.objects.get(event="rested").reason == ""
