"""A finished local file (what ffmpeg made) into the bucket: in parts, with progress, once."""

from __future__ import annotations

import os
import time
import uuid
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import connection

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import Stopped, StopReason, StorageUnavailable
from downloads.engine.core.media import Format, Quality, Selection, Stream
from downloads.engine.core.progress import Progress
from downloads.engine.egress.client import Client
from downloads.engine.egress.policy import AddressPolicy
from downloads.engine.pipeline.muxing import MuxedFile
from downloads.engine.transfer.sinks.base import Stored
from downloads.jobs import store
from downloads.jobs.job import DownloadJob
from downloads.jobs.progress_report import ProgressReporter
from downloads.models import Rendition
from downloads.queue.lease import Lease
from tests.engine.transfer.harness import in_background
from tests.support.content import MIB, content, sha256
from tests.support.ledger import ask, claim_by, person, worker
from tests.support.s3_server import Call, Door, S3Server

pytestmark = pytest.mark.django_db(transaction=True)

SELECTION = Selection(
    (Format("v", Stream("http://media.example/v"), "mp4"),), Quality.AUTO, "mp4", "video/mp4"
)


@pytest.fixture
def lease() -> Lease:
    ask(person("alice"))
    return claim_by(worker())


@pytest.fixture
def made(tmp_path: Path) -> Path:
    path = tmp_path / "made.mp4"
    path.write_bytes(content(42 * MIB))
    return path


def job(lease: Lease, stop: StopToken | None = None) -> DownloadJob:
    row = Rendition.objects.select_related("content").get(pk=lease.rendition_id)
    client = Client(AddressPolicy())
    return DownloadJob(lease, row, stop or StopToken(), client, ProgressReporter(lease))


def store_made(lease: Lease, path: Path, stop: StopToken | None = None) -> None:
    data = path.read_bytes()
    made = MuxedFile(path, Stored(len(data), sha256(data)))
    store.store_file(job(lease, stop), SELECTION, made, SELECTION.revision)


def the_object(server: S3Server) -> bytes:
    (name,) = server.objects
    assert server.open_uploads() == []
    return (server.folder / name).read_bytes()


@pytest.mark.parametrize("size", [0, 100, 5 * MIB + 1])
def test_any_size(bucket: S3Server, lease: Lease, tmp_path: Path, size: int) -> None:
    path = tmp_path / "made.mp4"
    path.write_bytes(os.urandom(size))
    store_made(lease, path)
    row = Rendition.objects.get()
    assert (row.status, row.size, row.sha256) == ("stored", size, sha256(path.read_bytes()))
    assert the_object(bucket) == path.read_bytes()


def test_it_tells_how_far_it_is(bucket: S3Server, door: Door, lease: Lease, made: Path) -> None:
    told: list[Progress] = []
    door.rate = 8 * MIB
    data = made.read_bytes()
    film = MuxedFile(made, Stored(len(data), sha256(data)))
    store.store_file(job(lease), SELECTION, film, SELECTION.revision, on_progress=told.append)
    steps = [sent.bytes_done for sent in told]
    assert steps == sorted(steps)
    assert len(set(steps)) > 2
    assert the_object(bucket) == data


def test_a_second_worker_goes_on_and_sends_no_part_twice(
    bucket: S3Server, door: Door, lease: Lease, made: Path
) -> None:
    stop = StopToken()
    door.rate = 8 * MIB
    thread, raised = in_background(lambda: store_made(lease, made, stop))
    while door.count("UploadPart") < 5:
        time.sleep(0.01)
    stop.stop(StopReason.SHUTDOWN)
    thread.join(30)
    assert isinstance(raised[0], Stopped)
    door.settle()
    sent = door.count("UploadPart")
    store_made(lease, made)
    assert the_object(bucket) == made.read_bytes()
    assert door.count("UploadPart") - sent <= 9 - 4


def test_parts_of_another_file_are_sent_again(
    bucket: S3Server, door: Door, lease: Lease, made: Path
) -> None:
    stop = StopToken()
    door.rate = 8 * MIB
    thread, _ = in_background(lambda: store_made(lease, made, stop))
    while door.count("UploadPart") < 5:
        time.sleep(0.01)
    stop.stop(StopReason.SHUTDOWN)
    thread.join(30)
    door.settle()
    made.write_bytes(content(42 * MIB, 2))
    store_made(lease, made)
    assert the_object(bucket) == content(42 * MIB, 2)


def test_a_repetition_sends_nothing(bucket: S3Server, door: Door, lease: Lease, made: Path) -> None:
    """The lease is taken over while the object is completed: the next worker has the rest."""
    next_lease = replace(lease, token=uuid.uuid4())

    def take_over(call: Call) -> str:
        if call.operation == "Complete":
            Rendition.objects.update(lease_token=next_lease.token)
            connection.close()
        return ""

    door.mood = take_over
    with pytest.raises(Stopped):
        store_made(lease, made)
    assert Rendition.objects.get().status == "finalizing"
    sent = door.count("UploadPart")
    store_made(next_lease, made)
    assert door.count("UploadPart") == sent
    assert Rendition.objects.get().status == "stored"
    assert the_object(bucket) == made.read_bytes()


def test_a_bucket_that_refuses(bucket: S3Server, door: Door, lease: Lease, made: Path) -> None:
    door.mood = lambda call: "403" if call.method == "POST" else ""
    with pytest.raises(StorageUnavailable):
        store_made(lease, made)
