"""The number of statements of what workers do most often."""

from __future__ import annotations

import pytest

from downloads.engine.core.cancellation import StopToken
from downloads.engine.transfer.checkpoint import Checkpoint
from downloads.queue.checkpoints import RowCheckpointStore
from downloads.queue.lease import renew, report
from downloads.queue.timeline import TransitionNote
from downloads.queue.transitions import move
from tests.support.ledger import ask, claim_by, person, worker
from tests.support.statements import statements

pytestmark = pytest.mark.django_db


def test_a_move_is_a_few_statements_of_one_transaction() -> None:
    ask(person("alice"))
    lease = claim_by(worker())
    pk, token = lease.rendition_id, lease.token
    for new, fields, most in (
        ("finalizing", {"storage_name": "a.mp4", "size": 1}, 2),
        ("stored", {"lease_token": None, "lease_expires_at": None, "worker": None}, 4),
    ):
        old = "running" if new == "finalizing" else "finalizing"
        with statements() as seen:
            assert move(pk, old, new, TransitionNote(new), lease=token, **fields)
        assert len(seen) <= most, "\n".join(seen)


def test_a_report_a_renewal_and_a_checkpoint_are_one_statement_each() -> None:
    ask(person("alice"))
    lease = claim_by(worker())
    with statements() as seen:
        report(lease, progress=10.0, bytes_done=5)
        renew(lease, StopToken())
        RowCheckpointStore(lease).save(Checkpoint())
    assert len(seen) == 3
