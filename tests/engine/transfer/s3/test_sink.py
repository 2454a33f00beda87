"""From a real origin straight into a real S3 server: exact, resumable, in bounded memory."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import Stopped, StopReason, StorageUnavailable
from downloads.engine.transfer.checkpoint import Checkpoint
from downloads.engine.transfer.engine import TransferOutcome
from downloads.engine.transfer.sinks.base import Stored
from downloads.engine.transfer.sinks.object import UploadGone
from downloads.engine.transfer.sinks.s3 import S3Sink
from tests.engine.transfer.harness import Fetcher, in_background
from tests.engine.transfer.s3.conftest import target
from tests.support.content import MIB, content, sha256
from tests.support.file import UNREAD
from tests.support.origin import Origin
from tests.support.s3_server import BUCKET, Call, Door, S3Server, client

FILM = "some/film.mp4"


def publish(fetcher: Fetcher, outcome: TransferOutcome) -> None:
    assert isinstance(fetcher.sink, S3Sink)
    fetcher.sink.publish(Stored(outcome.size, outcome.sha256))


def stored(server: S3Server) -> bytes:
    assert server.objects == [FILM]
    assert server.open_uploads() == []
    return (server.folder / FILM).read_bytes()


def again(fetcher: Fetcher, endpoint: str) -> Fetcher:
    """The same transfer on another host: all that it has is the checkpoint."""
    fetcher.stop = StopToken()
    fetcher.__post_init__()
    fetcher.sink = S3Sink(target(endpoint), fetcher.stop, cap=2**40)
    return fetcher


def checkpoint(fetcher: Fetcher) -> Checkpoint:
    kept = fetcher.store.load()
    assert kept is not None
    read = Checkpoint.from_dict(kept.to_dict())
    assert read == kept
    return kept


@pytest.mark.parametrize("size", [0, 1, 5 * MIB - 1, 5 * MIB, 5 * MIB + 1, 23 * MIB])
def test_exact_bytes_become_one_object(
    to_s3: Fetcher, origin: Origin, server: S3Server, size: int
) -> None:
    data = content(size)
    origin.serve("/a", data)
    outcome = to_s3.fetch("/a")
    assert server.objects == [], "nothing is seen before it is published"
    publish(to_s3, outcome)
    assert stored(server) == data
    assert outcome.sha256 in (None, sha256(data))
    assert not to_s3.directory.exists(), "no byte on the disk"


def test_in_order_it_is_hashed_on_the_way(to_s3: Fetcher, origin: Origin) -> None:
    data = content(23 * MIB)
    origin.serve("/a", data)
    to_s3.limit(connections=1)
    assert to_s3.fetch("/a").sha256 == sha256(data)


def test_no_hash_is_computed_unless_requested(
    to_s3: Fetcher, origin: Origin, server: S3Server
) -> None:
    data = content(23 * MIB)
    origin.serve("/a", data)
    to_s3.limit(connections=1)
    to_s3.sink = S3Sink(target(client_endpoint(to_s3)), to_s3.stop, cap=2**40, digest=False)
    outcome = to_s3.fetch("/a")
    publish(to_s3, outcome)
    assert (stored(server), outcome.sha256) == (data, None)


def test_over_several_connections_it_is_hashed_too(
    to_s3: Fetcher, origin: Origin, server: S3Server
) -> None:
    data = content(43 * MIB)
    origin.serve("/a", data, rate=8 * MIB)
    to_s3.limit(connections=8)
    outcome = to_s3.fetch("/a")
    assert len(origin.log) > 8
    assert outcome.sha256 == sha256(data)


@pytest.mark.parametrize("size", [3 * MIB, 23 * MIB])
def test_a_body_of_unknown_size(
    to_s3: Fetcher, origin: Origin, server: S3Server, size: int
) -> None:
    data = content(size)
    origin.serve("/a", data, chunked=True, ranges=False)
    to_s3.sink = S3Sink(target(client_endpoint(to_s3)), to_s3.stop, cap=10 * MIB * 1000)
    outcome = to_s3.fetch("/a")
    publish(to_s3, outcome)
    assert (stored(server), outcome.sha256) == (data, sha256(data))


def client_endpoint(fetcher: Fetcher) -> str:
    assert isinstance(fetcher.sink, S3Sink)
    return str(fetcher.sink._object._target.client().meta.endpoint_url)


def test_what_the_object_says_of_itself(to_s3: Fetcher, origin: Origin, server: S3Server) -> None:
    origin.serve("/a", content(12 * MIB))
    publish(to_s3, to_s3.fetch("/a"))
    head = client(server.endpoint).head_object(Bucket=BUCKET, Key=FILM)
    assert head["ContentType"] == "video/mp4"
    assert head["ContentDisposition"] == 'attachment; filename="film.mp4"'
    assert head["CacheControl"] == "no-transform"
    assert {name.lower(): value for name, value in head["Metadata"].items()} == {
        "ferry-object": "m1"
    }


def test_a_stop_is_heard_although_uploads_hang(to_s3: Fetcher, origin: Origin, door: Door) -> None:
    door.mood = lambda call: "hang" if call.operation == "UploadPart" else ""
    origin.serve("/a", content(64 * MIB))
    thread, raised = in_background(lambda: to_s3.fetch("/a"))
    while door.count("UploadPart") < 2:
        time.sleep(0.01)
    to_s3.stop.stop(StopReason.UNWANTED)
    thread.join(10)
    assert [type(error) for error in raised] == [Stopped]


def test_another_host_goes_on_and_fetches_only_what_is_missing(
    to_s3: Fetcher, origin: Origin, door: Door, server: S3Server
) -> None:
    data = content(60 * MIB)
    file = origin.serve("/a", data, rate=8 * MIB, hold_at=50 * MIB)
    thread, raised = in_background(lambda: to_s3.fetch("/a"))
    while sum(r.size for r in (to_s3.store.load() or Checkpoint()).ranges) < 20 * MIB:
        time.sleep(0.02)
    to_s3.stop.stop(StopReason.SHUTDOWN)
    thread.join(30)
    assert isinstance(raised[0], Stopped)
    kept = checkpoint(to_s3)
    file.hold_at = None
    origin.settle()
    door.settle()
    sent, since = origin.sent, len(origin.log)
    outcome = again(to_s3, door.endpoint).fetch("/a")
    origin.settle()
    assert outcome.resumed_bytes >= kept.done >= 20 * MIB
    assert origin.sent_of("/a", kept.ranges, since) == 0
    cut = (len(origin.log) - since) * UNREAD  # what was on its way behind a shortened segment
    assert origin.sent - sent <= len(data) - kept.done + cut
    assert outcome.sha256 is None
    publish(to_s3, outcome)
    assert stored(server) == data


def test_what_is_stored_while_the_source_is_silent_is_known(
    to_s3: Fetcher, origin: Origin, door: Door
) -> None:
    """Although nothing has come since the checkpoint before."""
    arrives = threading.Event()

    def held(call: Call) -> str:
        if call.operation == "UploadPart":
            arrives.wait(30)
        return ""

    door.mood = held
    origin.serve("/a", content(40 * MIB), hold_at=12 * MIB)
    to_s3.limit(stall_timeout=60.0)
    thread, _ = in_background(lambda: to_s3.fetch("/a"))
    while origin.sent < 12 * MIB or to_s3.store.load() is None:
        time.sleep(0.02)
    time.sleep(0.2)  # ten checkpoints, of nothing
    arrives.set()
    while sum(r.size for r in checkpoint(to_s3).ranges) < 10 * MIB:
        time.sleep(0.02)
    to_s3.stop.stop(StopReason.SHUTDOWN)
    thread.join(30)


def test_another_version_begins_another_upload(
    to_s3: Fetcher, origin: Origin, door: Door, server: S3Server
) -> None:
    file = origin.serve("/a", content(40 * MIB, 1), rate=8 * MIB, hold_at=30 * MIB)
    thread, _ = in_background(lambda: to_s3.fetch("/a"))
    while not (to_s3.store.load() or Checkpoint()).ranges:
        time.sleep(0.02)
    to_s3.stop.stop(StopReason.SHUTDOWN)
    thread.join(30)
    file.data, file.etag, file.rate, file.hold_at = content(30 * MIB, 2), '"v2"', None, None
    publish(to_s3, again(to_s3, door.endpoint).fetch("/a"))
    assert stored(server) == file.data


def test_a_fifth_of_all_answers_are_errors(
    to_s3: Fetcher, origin: Origin, door: Door, server: S3Server
) -> None:
    turns = iter(range(10**6))
    moods = ("503", "drop", "500")
    door.mood = lambda call: moods[n % 3] if (n := next(turns)) % 5 == 2 else ""
    data = content(60 * MIB)
    origin.serve("/a", data)
    publish(to_s3, to_s3.fetch("/a"))
    assert stored(server) == data


def test_the_answer_to_the_completion_is_lost(
    to_s3: Fetcher, origin: Origin, door: Door, server: S3Server
) -> None:
    door.mood = lambda call: (
        "lose" if call.operation == "Complete" and door.count("Complete") == 1 else ""
    )
    data = content(12 * MIB)
    origin.serve("/a", data)
    publish(to_s3, to_s3.fetch("/a"))
    assert stored(server) == data


def test_published_twice_is_published_once(
    to_s3: Fetcher, origin: Origin, door: Door, server: S3Server
) -> None:
    data = content(12 * MIB)
    origin.serve("/a", data)
    outcome = to_s3.fetch("/a")
    publish(to_s3, outcome)
    publish(to_s3, outcome)
    asked = origin.sent
    repeated = again(to_s3, door.endpoint).fetch("/a")
    publish(to_s3, repeated)
    assert origin.sent == asked, "nothing is fetched again"
    assert (repeated.size, repeated.sha256) == (outcome.size, outcome.sha256)
    assert stored(server) == data


def test_killed_before_the_completion(
    to_s3: Fetcher, origin: Origin, door: Door, server: S3Server
) -> None:
    data = content(12 * MIB)
    origin.serve("/a", data)
    to_s3.fetch("/a")
    asked = origin.sent
    publish(to_s3, again(to_s3, door.endpoint).fetch("/a"))
    assert origin.sent == asked
    assert stored(server) == data


def test_a_refusal_is_told_to_staff_and_not_repeated(
    to_s3: Fetcher, origin: Origin, door: Door
) -> None:
    door.mood = lambda call: "403" if call.operation == "CreateMultipartUpload" else ""
    origin.serve("/a", content(12 * MIB))
    with pytest.raises(StorageUnavailable) as caught:
        to_s3.fetch("/a")
    assert "403 AccessDenied" in caught.value.detail
    assert door.count("CreateMultipartUpload") == 1


def test_aborted_elsewhere_it_begins_again(
    to_s3: Fetcher, origin: Origin, door: Door, server: S3Server
) -> None:
    data = content(40 * MIB)
    file = origin.serve("/a", data, hold_at=20 * MIB)
    to_s3.limit(stall_timeout=60.0)
    thread, raised = in_background(lambda: to_s3.fetch("/a"))
    # Not while a part is on its way: by S3's own words such an abort may have to be repeated
    # (https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html).
    while (to_s3.store.load() or Checkpoint()).done < 20 * MIB:
        time.sleep(0.02)
    kept = checkpoint(to_s3)
    assert kept.upload is not None
    client(server.endpoint).abort_multipart_upload(Bucket=BUCKET, Key=FILM, UploadId=kept.upload.id)
    file.hold_at = None
    thread.join(60)
    assert [type(error) for error in raised] == [UploadGone]
    publish(to_s3, again(to_s3, door.endpoint).fetch("/a"))
    assert stored(server) == data


def test_an_upload_that_a_crash_forgot_is_ended(
    to_s3: Fetcher, origin: Origin, server: S3Server
) -> None:
    client(server.endpoint).create_multipart_upload(Bucket=BUCKET, Key=FILM)
    origin.serve("/a", content(12 * MIB))
    publish(to_s3, to_s3.fetch("/a"))
    assert server.open_uploads() == []


def test_a_storage_slower_than_the_source_is_waited_for(
    to_s3: Fetcher, origin: Origin, door: Door, server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("downloads.engine.transfer.sinks.parts.BUDGET", 20 * MIB)
    door.rate = 20 * MIB
    data = content(60 * MIB)
    origin.serve("/a", data)
    to_s3.limit(stall_timeout=0.2)
    publish(to_s3, to_s3.fetch("/a"))
    assert stored(server) == data
    done = [report.bytes_done for report in to_s3.reports]
    assert done == sorted(done)
    assert to_s3.reports[-1].bytes_done == len(data)


def test_more_uploaders_where_each_is_slow(to_s3: Fetcher, origin: Origin, door: Door) -> None:
    door.rate = 8 * MIB
    origin.serve("/a", content(100 * MIB))
    to_s3.fetch("/a")
    assert door.most_parts > 8


def test_limits_leave_nothing_behind(to_s3: Fetcher, origin: Origin, server: S3Server) -> None:
    origin.serve("/a", content(12 * MIB))
    to_s3.config = replace(to_s3.config, connections=1)
    to_s3.fetch("/a")
    assert to_s3.sink is not None
    to_s3.sink.abort()
    assert (server.objects, server.open_uploads()) == ([], [])
