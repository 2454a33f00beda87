"""Work whose worker is gone."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

import psutil
import pytest
from django.db.models.functions import Now

from downloads.engine.core.cancellation import StopToken
from downloads.models import Rendition, Transition, Worker
from downloads.queue.claim import claim
from downloads.queue.lease import renew
from downloads.queue.process_space import process_space
from downloads.queue.reaper import forget_dead_workers, reap, reap_gone
from tests.support.ledger import again, ask, claim_by, person, status, worker

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(seconds=60)


def let_lapse() -> None:
    Rendition.objects.leased().update(lease_expires_at=Now() - timedelta(seconds=1))


def test_a_live_lease_is_left_alone() -> None:
    ask(person("alice"))
    claim_by(worker())
    assert reap() == 0


def test_a_lapsed_lease_goes_back_to_the_queue_and_the_next_generation_runs() -> None:
    download = ask(person("alice"))
    first = claim_by(worker())
    let_lapse()
    assert reap() == 1
    assert status(download) == "queued"
    second = claim_by(worker())
    assert second.rendition_id == first.rendition_id
    assert (second.generation, second.token != first.token) == (2, True)
    assert list(Transition.objects.filter(event="worker_lost").values_list("to_status")) == [
        ("queued",)
    ]


def test_two_reapers_make_one_requeue() -> None:
    ask(person("alice"))
    claim_by(worker())
    let_lapse()
    assert reap() + reap() == 1


def test_a_heartbeat_just_in_time_wins() -> None:
    ask(person("alice"))
    lease = claim_by(worker())
    let_lapse()
    renew(lease, StopToken())
    assert reap() == 0


def test_finalising_that_was_cut_off_is_taken_up_again() -> None:
    ask(person("alice"))
    lease = claim_by(worker())
    Rendition.objects.update(status="finalizing", storage_name="a.mp4", size=5, sha256="ab")
    let_lapse()
    reap()
    again_leased = claim_by(worker())
    assert again_leased.rendition_id == lease.rendition_id
    assert Rendition.objects.get().storage_name == "a.mp4"


def test_poison_fails_after_three_without_a_newer_checkpoint() -> None:
    download = ask(person("alice"))
    for _ in range(3):
        assert status(download) == "queued"
        claim_by(worker())
        let_lapse()
        reap()
    assert status(download) == "failed"
    assert again(download).error_code == "worker_lost"
    assert claim(worker()) is None


def test_a_worker_that_got_further_each_time_is_no_poison() -> None:
    download = ask(person("alice"))
    for _ in range(5):
        claim_by(worker())
        Rendition.objects.update(reclaims=0)  # what a saved checkpoint does
        let_lapse()
        reap()
    assert status(download) == "queued"


def silent(pid: int, started_at: float) -> Worker:
    by = worker()
    Worker.objects.filter(pk=by.pk).update(
        pid=pid, process_started_at=started_at, heartbeat_at=Now() - LONG_AGO
    )
    return Worker.objects.get(pk=by.pk)


@pytest.fixture
def sleeper() -> psutil.Process:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield psutil.Process(child.pid)
    child.kill()
    child.wait()


def test_a_hanging_process_is_ended_at_the_second_look(sleeper: psutil.Process) -> None:
    hung = silent(sleeper.pid, sleeper.create_time())
    seen = forget_dead_workers(frozenset())
    assert seen == {hung.pk}
    assert sleeper.status() != psutil.STATUS_ZOMBIE, (
        "a machine that woke from sleep kills no process"
    )
    forget_dead_workers(seen)
    sleeper.wait(5)


def test_a_process_that_only_has_the_same_pid_is_not_touched(sleeper: psutil.Process) -> None:
    hung = silent(sleeper.pid, sleeper.create_time() - 100)
    forget_dead_workers(frozenset({hung.pk}))
    assert sleeper.is_running()
    assert sleeper.status() != psutil.STATUS_ZOMBIE


def test_a_process_with_a_live_lease_is_not_ended(sleeper: psutil.Process) -> None:
    ask(person("alice"))
    hung = silent(sleeper.pid, sleeper.create_time())
    claim_by(hung)
    forget_dead_workers(frozenset({hung.pk}))
    assert sleeper.is_running()
    assert sleeper.status() != psutil.STATUS_ZOMBIE


def test_a_process_on_another_host_is_not_ended(sleeper: psutil.Process) -> None:
    hung = silent(sleeper.pid, sleeper.create_time())
    Worker.objects.filter(pk=hung.pk).update(hostname="elsewhere")
    forget_dead_workers(frozenset({hung.pk}))
    assert sleeper.is_running()
    assert sleeper.status() != psutil.STATUS_ZOMBIE


def here(pid: int, space: str = process_space()) -> Worker:
    by = worker()
    Worker.objects.filter(pk=by.pk).update(pid=pid, process_space=space)
    return by


def test_work_of_a_process_that_is_gone_does_not_wait_for_its_lease() -> None:
    download = ask(person("alice"))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    by = here(ended.pid)
    first = claim_by(by)
    assert reap_gone() == 1
    assert status(download) == "queued"
    assert not Worker.objects.filter(pk=by.pk).exists()
    assert again(download).rendition.reclaims == 1
    second = claim_by(worker())
    assert (second.generation, renew(first, StopToken())) == (2, False)


def test_nothing_is_taken_from_a_process_that_runs_though_its_heart_is_silent(
    sleeper: psutil.Process,
) -> None:
    ask(person("alice"))
    by = here(sleeper.pid)
    claim_by(by)
    Worker.objects.update(heartbeat_at=Now() - LONG_AGO)
    assert reap_gone() == 0
    assert Worker.objects.filter(pk=by.pk).exists()


@pytest.mark.parametrize("space", ["", "another boot pid:[4026531836]"])
def test_nothing_is_taken_where_ids_mean_other_processes(space: str) -> None:
    ask(person("alice"))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    claim_by(here(ended.pid, space))
    assert reap_gone() == 0


def test_a_process_that_has_ended_and_is_not_waited_for_runs_no_more() -> None:
    ask(person("alice"))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    claim_by(here(ended.pid))
    try:
        while psutil.Process(ended.pid).status() != psutil.STATUS_ZOMBIE:
            pass
        assert reap_gone() == 1
    finally:
        ended.wait()
