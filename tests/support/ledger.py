"""Rows for tests: people by name, content, and downloads brought to a state by real moves."""

from __future__ import annotations

import itertools
import socket
import uuid
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models.functions import Now

from downloads import services
from downloads.engine.core.media import Quality
from downloads.line import in_line
from downloads.models import Download, Rendition, Worker
from downloads.queue import ledger_check
from downloads.queue.claim import claim
from downloads.queue.lease import Lease
from downloads.queue.timeline import TransitionNote
from downloads.queue.transitions import NO_LEASE, Status, move, stamp_failure

_numbers = itertools.count(1)


def person(name: str, **facts: Any) -> Any:
    return get_user_model().objects.create_user(name, password="correct horse", **facts)


def worker(concurrency: int = 4) -> Worker:
    number = next(_numbers)
    return Worker.objects.create(
        hostname=socket.gethostname(),
        pid=2**22 + number,  # beyond what the system gives out
        process_started_at=0.0,
        concurrency=concurrency,
    )


def url(host: str = "media.example") -> str:
    return f"https://{host}/{next(_numbers)}.mp4"


def ask(user: Any, at: str = "", quality: Quality = Quality.AUTO, **fields: Any) -> Download:
    return services.request(user, url=at or url(), quality=quality, **fields).download


def again(download: Download) -> Any:
    """The download as it is now, with its derived status."""
    (now,) = in_line(Download.objects.with_status().filter(pk=download.pk))
    return now


def status(download: Download) -> str:
    return str(again(download).status)


def settle() -> None:
    """Have states and places in line follow rows that a test has changed by hand."""
    ledger_check.repair()


def claim_by(by: Worker) -> Lease:
    lease = claim(by)
    assert lease is not None
    return lease


def stored(lease: Lease, *, size: int = 1000) -> Rendition:
    """Take claimed work to its good end, without any bytes."""
    Rendition.objects.filter(pk=lease.rendition_id).update(
        storage_name=f"{uuid.uuid4()}.mp4", size=size, ext="mp4", verified_at=Now()
    )
    steps = [(Status.RUNNING, Status.FINALIZING, {}), (Status.FINALIZING, Status.STORED, NO_LEASE)]
    for old, new, fields in steps:
        said = dict(fields) | ({"stored_at": Now()} if new == Status.STORED else {})
        assert move(lease.rendition_id, old, new, TransitionNote(new), lease=lease.token, **said)
    return Rendition.objects.get(pk=lease.rendition_id)


def failed(lease: Lease, code: str = "unavailable") -> Rendition:
    assert move(
        lease.rendition_id,
        Status.RUNNING,
        Status.FAILED,
        TransitionNote("failed", error_code=code),
        lease=lease.token,
        **NO_LEASE,
    )
    rendition = Rendition.objects.get(pk=lease.rendition_id)
    stamp_failure(rendition, error_code=code, error="It is gone.")
    return rendition
