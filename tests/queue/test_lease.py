"""Keeping a lease, and what a lost one forbids."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import Stopped, StopReason
from downloads.engine.transfer.checkpoint import Checkpoint, CheckpointNotSaved
from downloads.models import Rendition
from downloads.queue.checkpoints import RowCheckpointStore
from downloads.queue.lease import renew, report
from tests.support.database import database_away
from tests.support.ledger import ask, claim_by, person, settle, worker

pytestmark = pytest.mark.django_db


def test_renewing_moves_the_expiry_and_the_time_of_fencing() -> None:
    ask(person("alice"))
    lease = claim_by(worker())
    before = Rendition.objects.get().lease_expires_at
    stop = StopToken()
    assert renew(lease, stop)
    after = Rendition.objects.get().lease_expires_at
    assert before is not None
    assert after is not None
    assert after >= before
    assert not stop.stopped


def test_another_workers_lease_cannot_be_renewed_and_fences() -> None:
    ask(person("alice"))
    lease = replace(claim_by(worker()), token=uuid.uuid4())
    stop = StopToken()
    assert not renew(lease, stop)
    assert stop.reason is StopReason.LEASE_LOST


def test_the_work_fences_itself_without_renewal() -> None:
    """A process that was frozen finds the deadline past before it writes a byte."""
    now = 100.0
    stop = StopToken(clock=lambda: now)
    stop.hold_until(112.0)
    stop.check()
    now = 112.0
    with pytest.raises(Stopped) as stopped:
        stop.check()
    assert stopped.value.reason is StopReason.LEASE_LOST


def test_reporting_without_the_lease_writes_nothing() -> None:
    ask(person("alice"))
    lease = claim_by(worker())
    with pytest.raises(Stopped):
        report(replace(lease, token=uuid.uuid4()), bytes_done=5)
    assert Rendition.objects.get().bytes_done == 0


def test_progress_never_falls_and_seq_always_grows() -> None:
    ask(person("alice"))
    lease = claim_by(worker())
    report(lease, progress=40.0, bytes_done=40)
    first = Rendition.objects.get()
    report(lease, progress=10.0, bytes_done=10)
    second = Rendition.objects.get()
    assert (first.progress, second.progress) == (40.0, 40.0)
    assert second.bytes_done == 10
    assert second.seq > first.seq


def test_a_checkpoint_is_written_under_the_lease_only() -> None:
    ask(person("alice"))
    lease = claim_by(worker())
    kept = Checkpoint(total=100, part="g1.part", generation=1)
    RowCheckpointStore(lease).save(kept)
    assert RowCheckpointStore(lease).load() == kept
    with pytest.raises(Stopped):
        RowCheckpointStore(replace(lease, token=uuid.uuid4())).save(Checkpoint(total=5))
    assert RowCheckpointStore(lease).load() == kept


@pytest.mark.django_db(transaction=True)
def test_a_checkpoint_may_be_written_later_if_the_database_is_away() -> None:
    ask(person("alice"))
    lease = claim_by(worker())
    kept = Checkpoint(total=100, part="g1.part", generation=1)
    with database_away(), pytest.raises(CheckpointNotSaved):
        RowCheckpointStore(lease).save(kept)
    RowCheckpointStore(lease).save(kept)
    assert RowCheckpointStore(lease).load() == kept


def test_a_checkpoint_that_cannot_be_understood_is_none() -> None:
    ask(person("alice"))
    lease = claim_by(worker())
    Rendition.objects.update(checkpoint={"version": 999})
    assert RowCheckpointStore(lease).load() is None


def test_getting_further_clears_the_suspicion() -> None:
    ask(person("alice"))
    lease = claim_by(worker())
    Rendition.objects.update(reclaims=2)
    settle()
    RowCheckpointStore(lease).save(Checkpoint(total=100, part="g1.part", generation=1))
    assert Rendition.objects.get().reclaims == 0
