"""A download with a bucket as the storage: from the claim to one object, and no byte on disk."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from downloads import conf, services
from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import StopReason
from downloads.jobs import runner
from downloads.models import Rendition
from downloads.queue.lease import Lease
from downloads.queue.reaper import reap
from tests.support.content import MIB, content
from tests.support.doomed_worker import DoomedWorker
from tests.support.ledger import again, ask, claim_by, person, settle, status, worker
from tests.support.origin import Origin
from tests.support.s3_server import BUCKET, Call, Door, S3Server, client

pytestmark = pytest.mark.django_db(transaction=True)


def run(lease: Lease | None = None, stop: StopToken | None = None) -> None:
    runner.run(lease or claim_by(worker()), stop or StopToken())


def run_until(door: Door, parts: int, reason: StopReason) -> None:
    """Run, and stop for this reason once so many parts have been asked to be stored."""
    lease, stop = claim_by(worker()), StopToken()

    def watch() -> None:
        while door.count("UploadPart") < parts:
            time.sleep(0.01)
        stop.stop(reason)

    thread = threading.Thread(target=watch)
    thread.start()
    run(lease, stop)
    thread.join()
    door.settle()


def the_object(server: S3Server) -> bytes:
    (name,) = server.objects
    return (server.folder / name).read_bytes()


def test_the_file_becomes_one_object(bucket: S3Server, origin: Origin, tmp_path: Any) -> None:
    data = content(23 * MIB)
    origin.serve("/My%20clip.mp4", data)
    download = ask(person("alice"), origin.url("/My%20clip.mp4"))
    run()
    now = again(download)
    assert (now.status, now.rendition.size, now.error) == ("completed", len(data), "")
    assert the_object(bucket) == data
    name = f"some/folder/My clip [auto] {now.rendition_id.hex[:8]}.mp4"
    assert bucket.objects == [name]
    head = client(bucket.endpoint).head_object(Bucket=BUCKET, Key=name)
    assert head["ContentType"] == "video/mp4"
    assert head["ContentDisposition"].startswith('attachment; filename="My clip')
    assert bucket.open_uploads() == []
    assert not list(conf.work_dir().glob("*")), "no byte on the disk"


def test_a_shutdown_and_the_next_goes_on(bucket: S3Server, origin: Origin, door: Door) -> None:
    data = content(60 * MIB)
    file = origin.serve("/a.mp4", data, rate=8 * MIB, hold_at=50 * MIB)
    download = ask(person("alice"), origin.url("/a.mp4"))
    run_until(door, 5, StopReason.SHUTDOWN)
    kept = again(download).rendition.checkpoint
    assert kept["upload"]["id"] in bucket.open_uploads()
    file.rate = file.hold_at = None
    origin.settle()
    sent = origin.sent
    run()
    origin.settle()
    assert status(download) == "completed"
    assert the_object(bucket) == data
    assert origin.sent - sent < len(data) - sum(b - a for a, b in kept["ranges"]) + MIB
    assert bucket.open_uploads() == []


def test_the_title_may_change_meanwhile(bucket: S3Server, origin: Origin, door: Door) -> None:
    file = origin.serve("/a.mp4", content(40 * MIB), rate=8 * MIB, hold_at=35 * MIB)
    download = ask(person("alice"), origin.url("/a.mp4"))
    run_until(door, 4, StopReason.SHUTDOWN)
    content_row = again(download).rendition.content
    content_row.title = "Another title"
    content_row.save()
    file.rate = file.hold_at = None
    run()
    assert status(download) == "completed"
    assert the_object(bucket) == content(40 * MIB)
    assert bucket.open_uploads() == []


def test_a_cancel_leaves_nothing(bucket: S3Server, origin: Origin, door: Door) -> None:
    origin.serve("/a.mp4", content(60 * MIB), rate=4 * MIB, hold_at=50 * MIB)
    alice = person("alice")
    download = ask(alice, origin.url("/a.mp4"))
    lease, stop = claim_by(worker()), StopToken()

    def cancel() -> None:
        while door.count("UploadPart") < 3:
            time.sleep(0.01)
        services.cancel(alice, download.pk)
        stop.stop(StopReason.UNWANTED)

    thread = threading.Thread(target=cancel)
    thread.start()
    run(lease, stop)
    thread.join()
    assert status(download) == "cancelled"
    assert (bucket.objects, bucket.open_uploads()) == ([], [])


def test_a_failure_leaves_nothing(bucket: S3Server, origin: Origin, door: Door) -> None:
    file = origin.serve("/a.mp4", content(60 * MIB), rate=4 * MIB, hold_at=50 * MIB)
    download = ask(person("alice"), origin.url("/a.mp4"))

    def take_away() -> None:
        while door.count("UploadPart") < 3:
            time.sleep(0.01)
        file.answers = [(404, {})] * 1000
        file.cut_after, file.cuts = 0, 1000

    run_until(door, 3, StopReason.SHUTDOWN)
    file.answers = [(404, {})] * 1000
    run()
    assert again(download).error_code == "unavailable"
    assert (bucket.objects, bucket.open_uploads()) == ([], [])


def test_a_bucket_that_refuses(bucket: S3Server, origin: Origin, door: Door) -> None:
    door.mood = lambda call: "403" if call.method in ("POST", "PUT") else ""
    origin.serve("/a.mp4", content(12 * MIB))
    download = ask(person("alice"), origin.url("/a.mp4"))
    run()
    now = again(download)
    assert (now.status, now.rendition.error_code) == ("queued", "storage_unavailable")
    assert "AccessDenied" in now.rendition.error_detail
    assert "AccessDenied" not in now.rendition.error
    door.mood = lambda call: ""
    Rendition.objects.update(next_attempt_at=Now())
    settle()
    run()
    assert status(download) == "completed"


def test_a_bucket_that_is_away_at_the_end(
    bucket: S3Server, origin: Origin, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("downloads.engine.transfer.sinks.retry.PATIENCE", 0.5)
    door.mood = lambda call: "503" if call.operation == "Complete" else ""
    data = content(12 * MIB)
    origin.serve("/a.mp4", data)
    download = ask(person("alice"), origin.url("/a.mp4"))
    run()
    assert again(download).rendition.error_code == "storage_unavailable"
    door.mood = lambda call: ""
    Rendition.objects.update(next_attempt_at=Now())
    settle()
    sent = origin.sent
    run()
    assert origin.sent == sent, "nothing is fetched again"
    assert (status(download), the_object(bucket)) == ("completed", data)


@pytest.mark.parametrize("completed", [False, True], ids=["before", "after"])
def test_a_death_at_the_completion_is_finished_exactly_once(
    bucket: S3Server, origin: Origin, door: Door, doomed_worker: DoomedWorker, completed: bool
) -> None:
    data = content(12 * MIB)
    origin.serve("/a.mp4", data)
    download = ask(person("alice"), origin.url("/a.mp4"))
    lost: list[Call] = []

    def kill(call: Call) -> str:
        if call.operation == "Complete" and completed and not lost:
            lost.append(call)
            return "lose"  # done, and the worker is not told
        if call.operation == "Complete" or lost:
            doomed_worker.kill()
            return "drop"
        return ""

    door.mood = kill
    doomed_worker.start(claim_by(worker()))
    doomed_worker.wait()
    door.mood = lambda call: ""
    assert len(bucket.objects) == completed
    Rendition.objects.update(lease_expires_at=Now() - timedelta(seconds=1))
    reap()
    sent = origin.sent
    run()
    assert (status(download), the_object(bucket)) == ("completed", data)
    assert origin.sent == sent
    assert bucket.open_uploads() == []
