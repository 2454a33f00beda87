"""From a claim to its end, with a real source and a real file at each end."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from django.db import connection
from django.db.models.functions import Now

from downloads import conf, services
from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import StopReason
from downloads.engine.core.media import Quality
from downloads.jobs import runner
from downloads.models import Download, Rendition, SourceHost
from downloads.queue.lease import Lease
from downloads.queue.reaper import reap
from tests.support.content import MIB, content, sha256
from tests.support.doomed_worker import DoomedWorker, Step
from tests.support.ledger import again, ask, claim_by, person, settle, status, worker
from tests.support.origin import Origin

pytestmark = pytest.mark.django_db(transaction=True)


def run(lease: Lease | None = None, stop: StopToken | None = None) -> None:
    runner.run(lease or claim_by(worker()), stop or StopToken())


def stored_file(download: Download) -> Path:
    return Path(storages["media"].path(again(download).rendition.storage_name))


def parts() -> list[Path]:
    return [path for path in conf.work_dir().rglob("*") if path.is_file()]


def test_a_file_becomes_a_stored_exact_file(origin: Origin) -> None:
    data = content(3 * MIB)
    origin.serve("/My%20clip.mp4", data)
    download = ask(person("alice"), origin.url("/My%20clip.mp4"))
    run()
    now = again(download)
    assert (now.status, now.rendition.sha256) == ("completed", sha256(data))
    assert stored_file(download).read_bytes() == data
    assert stored_file(download).name == f"My clip [auto] {str(now.rendition_id)[:8]}.mp4"
    assert now.rendition.checkpoint is None
    assert parts() == []
    told = list(now.rendition.transitions.values_list("event", flat=True))
    assert told == ["started", "finalizing", "stored"]


def test_a_folder_at_the_files_name_fails_it_and_stays(
    origin: Origin, caplog: pytest.LogCaptureFixture
) -> None:
    """At the last attempt what was published is removed again: not what another put there."""
    origin.serve("/clip.mp4", content(MIB))
    download = ask(person("alice"), origin.url("/clip.mp4"))
    name = f"clip [auto] {str(again(download).rendition_id)[:8]}.mp4"
    foreign = Path(storages["media"].path(name)) / "of another"
    foreign.parent.mkdir(parents=True)
    foreign.write_text("kept")
    Rendition.objects.update(attempts=conf.MAX_ATTEMPTS - 1)
    run()
    assert status(download) == "failed"
    assert foreign.read_text() == "kept"
    assert "files left" in caplog.text


def test_the_resolvers_question_is_the_first_segment(origin: Origin) -> None:
    origin.serve("/a.mp4", content(MIB))
    ask(person("alice"), origin.url("/a.mp4"))
    run()
    assert [asked.start for asked in origin.log].count(0) == 1


def test_an_empty_file_is_a_file(origin: Origin) -> None:
    origin.serve("/empty.bin", b"")
    download = ask(person("alice"), origin.url("/empty.bin"))
    run()
    assert status(download) == "completed"
    assert stored_file(download).read_bytes() == b""


def test_two_qualities_of_a_direct_file_are_fetched_once(origin: Origin) -> None:
    alice = person("alice")
    origin.serve("/a.mp4", content(MIB))
    first = ask(alice, origin.url("/a.mp4"))
    second = ask(alice, origin.url("/a.mp4"), Quality.P720)
    run()
    run()
    assert again(first).rendition_id == again(second).rendition_id
    assert (status(first), status(second)) == ("completed", "completed")
    assert Rendition.objects.count() == 1
    assert origin.sent < 1.9 * MIB, "the second only asked what it is"
    told = [line.event for line in second.transitions.all()]
    assert told == ["requested", "started"], "the story before the joining stays"


def test_two_that_resolve_while_both_run_become_one(origin: Origin) -> None:
    alice = person("alice", max_active=9)
    file = origin.serve("/a.mp4", content(4 * MIB), rate=2 * MIB)
    first = ask(alice, origin.url("/a.mp4"))
    second = ask(alice, origin.url("/a.mp4"), Quality.P720)
    by = worker()
    leases = [claim_by(by), claim_by(by)]

    def go(lease: Lease) -> None:
        run(lease)
        connection.close()

    threads = [threading.Thread(target=go, args=(lease,)) for lease in leases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert file.data
    assert {status(first), status(second)} == {"completed"}
    assert Rendition.objects.count() == 1


def test_what_did_not_change_is_not_fetched_again(origin: Origin) -> None:
    origin.serve("/a.mp4", content(MIB))
    first = ask(person("alice"), origin.url("/a.mp4"))
    run()
    Rendition.objects.update(verified_at=Now() - conf.REVALIDATE_AFTER * 2)
    second = ask(person("bob"), origin.url("/a.mp4"))
    run()
    assert again(first).rendition_id == again(second).rendition_id
    assert status(second) == "completed"
    assert Rendition.objects.get().verified_at is not None


def test_what_changed_is_a_new_revision(origin: Origin) -> None:
    file = origin.serve("/a.mp4", content(MIB, 1))
    first = ask(person("alice"), origin.url("/a.mp4"))
    run()
    Rendition.objects.update(verified_at=Now() - conf.REVALIDATE_AFTER * 2)
    file.data, file.etag = content(MIB, 2), '"v2"'
    second = ask(person("bob"), origin.url("/a.mp4"))
    run()
    assert stored_file(first).read_bytes() == content(MIB, 1)
    assert stored_file(second).read_bytes() == content(MIB, 2)


def test_what_is_gone_fails_with_a_sentence_for_each_holder(origin: Origin) -> None:
    alice, bob = person("alice"), person("bob")
    first, second = (ask(user, origin.url("/gone.mp4")) for user in (alice, bob))
    run()
    for download in (first, second):
        now = again(download)
        assert (now.status, now.error_code) == ("failed", "unavailable")
        assert now.error
    assert parts() == []


def test_a_passing_trouble_is_tried_again_later(origin: Origin) -> None:
    origin.serve("/a.mp4", content(MIB), answers=[(429, {"Retry-After": "120"})])
    download = ask(person("alice"), origin.url("/a.mp4"))
    run()
    now = again(download)
    assert (now.status, now.rendition.error_code) == ("queued", "rate_limited")
    wait = now.rendition.next_attempt_at - now.rendition.transitions.last().at
    assert 119 <= wait.total_seconds() <= 121
    Rendition.objects.update(next_attempt_at=Now())
    settle()
    assert SourceHost.objects.get().name == "127.0.0.1", "its host cools down"
    SourceHost.objects.all().delete()
    run()
    assert status(download) == "completed"


def test_an_address_inside_is_blocked(origin: Origin, settings: Any) -> None:
    settings.FETCH_ALLOWED_NETWORKS = ""
    origin.serve("/a.mp4", content(MIB))
    download = ask(person("alice"), origin.url("/a.mp4"))
    run()
    assert again(download).error_code == "blocked_address"
    assert origin.log == []


def test_our_own_ports_are_blocked_whatever_is_allowed(origin: Origin, settings: Any) -> None:
    settings.PORT = origin.port
    origin.serve("/a.mp4", content(MIB))
    download = ask(person("alice"), origin.url("/a.mp4"))
    run()
    assert again(download).error_code == "blocked_address"
    assert origin.log == []


# --- put down, handed back, taken over ------------------------------------------------------


def interrupted(origin: Origin, reason: StopReason, at: float = 0.4) -> tuple[Lease, StopToken]:
    """Run until this part of the bytes has gone out, then stop for this reason."""
    lease, stop = claim_by(worker()), StopToken()
    size = sum(len(file.data) for file in origin.files.values())
    for file in origin.files.values():
        file.hold_at = int(len(file.data) * (at + 0.4))  # it cannot end before the stop

    def watch() -> None:
        while origin.sent < size * at:
            threading.Event().wait(0.01)
        stop.stop(reason)

    thread = threading.Thread(target=watch)
    thread.start()
    run(lease, stop)
    thread.join()
    for file in origin.files.values():
        file.hold_at = None
    return lease, stop


def fetched_again(origin: Origin, kept: list[list[int]], since: int) -> int:
    """Bytes before the checkpoint that were asked for again after the request number."""
    again_asked = 0
    for asked in origin.log[since:]:
        start, end = asked.start or 0, (asked.start or 0) + asked.sent
        again_asked += sum(max(0, min(end, b) - max(start, a)) for a, b in kept)
    return again_asked


def test_shutdown_hands_back_and_the_next_goes_on(origin: Origin) -> None:
    data = content(24 * MIB)
    origin.serve("/a.mp4", data, rate=8 * MIB)
    download = ask(person("alice"), origin.url("/a.mp4"))
    interrupted(origin, StopReason.SHUTDOWN)
    now = again(download)
    assert (now.status, now.rendition.attempts) == ("queued", 0)
    kept = now.rendition.checkpoint["ranges"]
    assert kept
    since = len(origin.log)
    run()
    assert again(download).rendition.sha256 == sha256(data)
    assert fetched_again(origin, kept, since) == 0
    told = list(now.rendition.transitions.values_list("event", flat=True))
    assert told == ["started", "handed_back", "started", "finalizing", "stored"]


def test_a_pause_rests_and_resume_goes_on(origin: Origin) -> None:
    data = content(24 * MIB)
    origin.serve("/a.mp4", data, rate=8 * MIB)
    alice = person("alice")
    download = ask(alice, origin.url("/a.mp4"))
    lease, stop = claim_by(worker()), StopToken()

    def pause() -> None:
        while origin.sent < 8 * MIB:
            threading.Event().wait(0.01)
        services.pause(alice, download.pk)
        stop.stop(StopReason.UNWANTED)  # what the heartbeat's look does
        connection.close()

    thread = threading.Thread(target=pause)
    thread.start()
    run(lease, stop)
    thread.join()
    assert Rendition.objects.get().status == "idle"
    kept = Rendition.objects.get().checkpoint["ranges"]
    since = len(origin.log)
    services.resume(alice, download.pk)
    run()
    assert again(download).rendition.sha256 == sha256(data)
    assert fetched_again(origin, kept, since) == 0


def test_a_cancel_frees_the_part(origin: Origin) -> None:
    origin.serve("/a.mp4", content(24 * MIB), rate=8 * MIB)
    alice = person("alice")
    download = ask(alice, origin.url("/a.mp4"))
    services.cancel(alice, download.pk)
    assert Rendition.objects.get().status == "idle"
    services.retry(alice, download.pk)
    lease, stop = claim_by(worker()), StopToken()
    services.cancel(alice, download.pk)
    stop.stop(StopReason.UNWANTED)
    run(lease, stop)
    assert Rendition.objects.get().status == "idle"
    assert parts() == []


def test_a_lost_lease_changes_nothing(origin: Origin) -> None:
    origin.serve("/a.mp4", content(24 * MIB), rate=8 * MIB)
    ask(person("alice"), origin.url("/a.mp4"))
    interrupted(origin, StopReason.LEASE_LOST)
    row = Rendition.objects.get()
    assert (row.status, row.lease_token is not None) == ("running", True)


def test_the_version_changing_over_a_pause_starts_from_zero(origin: Origin) -> None:
    file = origin.serve("/a.mp4", content(24 * MIB, 1), rate=8 * MIB)
    download = ask(person("alice"), origin.url("/a.mp4"))
    interrupted(origin, StopReason.SHUTDOWN)
    file.data, file.etag, file.rate = content(20 * MIB, 2), '"v2"', None
    run()
    assert stored_file(download).read_bytes() == content(20 * MIB, 2)


# --- finalising -------------------------------------------------------------------------


@pytest.mark.parametrize("step", [Step.MOVE, Step.MOVED])
def test_a_death_while_finalising_is_finished_exactly_once(
    origin: Origin, doomed_worker: DoomedWorker, step: Step
) -> None:
    data = content(2 * MIB)
    origin.serve("/a.mp4", data)
    download = ask(person("alice"), origin.url("/a.mp4"))
    doomed_worker.dies_at(step, claim_by(worker()))
    name = Path(storages["media"].path(again(download).rendition.storage_name))
    assert name.exists() is (step is Step.MOVED)
    assert Rendition.objects.get().status == "finalizing"
    Rendition.objects.update(lease_expires_at=Now() - timedelta(seconds=1))
    reap()
    asked = len(origin.log)
    run()
    assert stored_file(download).read_bytes() == data
    assert len(origin.log) == asked, "nothing is fetched again"
    assert status(download) == "completed"
    assert parts() == []


# --- admission --------------------------------------------------------------------------


def test_a_full_disk_holds_it_back(origin: Origin, settings: Any) -> None:
    settings.MIN_FREE_SPACE = 2**60
    origin.serve("/a.mp4", content(MIB))
    download = ask(person("alice"), origin.url("/a.mp4"))
    run()
    assert (status(download), again(download).rendition.error_code) == ("queued", "disk_full")
    assert parts() == []
